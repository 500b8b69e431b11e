"""Makes the plans of this folder with the real Terraform: generate.py TERRAFORM OUT WORK."""
import json, os, shutil, subprocess, sys, pathlib
TF, OUT = sys.argv[1], pathlib.Path(sys.argv[2])
work = pathlib.Path(sys.argv[3]); shutil.rmtree(work, ignore_errors=True)
env = dict(os.environ, TF_IN_AUTOMATION='1')
def tf(d, *a, ok=(0,)):
    r = subprocess.run([TF, f'-chdir={d}', *a], env=env, capture_output=True, text=True)
    if r.returncode not in ok: print(d, a, r.stdout[-1500:], r.stderr[-1500:])
    return r
def scene(name, before, after, plan_args=(), between=(), ok=(0,), init=True):
    d = work/name; d.mkdir(parents=True)
    (d/'main.tf').write_text(before or '# nothing yet\n')
    tf(d, 'init', '-no-color')
    if before is not None: tf(d, 'apply', '-auto-approve', '-no-color')
    for b in between: tf(d, *b)
    (d/'main.tf').write_text(after)
    tf(d, 'init', '-no-color', ok=(0,1))
    tf(d, 'plan', '-out=p', '-no-color', *plan_args, ok=ok)
    r = tf(d, 'show', '-json', 'p')
    if r.stdout.strip():
        doc = json.loads(r.stdout); doc.pop('timestamp', None)
        (OUT/f'{name}.json').write_text(json.dumps(doc, indent=1, ensure_ascii=False)+'\n')
        print(name, [(c['address'], c['change']['actions'], c.get('action_reason')) for c in doc.get('resource_changes', [])], doc.get('errored'), doc.get('complete'), doc.get('applyable'))
D = 'resource "terraform_data" "%s" {\n  input = "%s"\n}\n'
OUT.mkdir(parents=True, exist_ok=True)
scene('destroy', D%('a','1')+D%('b','2'), D%('a','1'))
scene('replace-by-triggers', 'resource "terraform_data" "cause" {\n  input = "1"\n}\nresource "terraform_data" "b" {\n  input = "x"\n  triggers_replace = ["1"]\n}\nresource "terraform_data" "c" {\n  lifecycle {\n    replace_triggered_by = [terraform_data.cause]\n    create_before_destroy = true\n  }\n}\n',
 'resource "terraform_data" "cause" {\n  input = "2"\n}\nresource "terraform_data" "b" {\n  input = "x"\n  triggers_replace = ["2"]\n}\nresource "terraform_data" "c" {\n  lifecycle {\n    replace_triggered_by = [terraform_data.cause]\n    create_before_destroy = true\n  }\n}\n')
scene('tainted', D%('a','1'), D%('a','1'), between=[('taint','terraform_data.a')])
C = 'variable "n" {\n  default = %s\n}\nresource "terraform_data" "n" {\n  count = length(var.n)\n  input = var.n[count.index]\n}\n'
scene('count-shift', C%'["a", "b", "c", "d"]', C%'["b", "c", "d"]')
scene('forget', D%('a','1')+D%('b','2'), D%('a','1')+'removed {\n  from = terraform_data.b\n  lifecycle {\n    destroy = false\n  }\n}\n')
scene('moved', D%('a','1'), D%('z','1')+'moved {\n  from = terraform_data.a\n  to   = terraform_data.z\n}\n')
scene('moved-and-replaced', 'resource "terraform_data" "a" {\n  triggers_replace = "1"\n}\n', 'resource "terraform_data" "z" {\n  triggers_replace = "2"\n}\nmoved {\n  from = terraform_data.a\n  to   = terraform_data.z\n}\n')
scene('import', None, D%('a','1')+'import {\n  to = terraform_data.a\n  id = "some-id"\n}\n')
scene('errored', D%('a','1'), D%('b','1')+D%('c','2')+'resource "terraform_data" "bad" {\n  input = terraform_data.b.input\n  lifecycle {\n    precondition {\n      condition     = terraform_data.b.input == "test"\n      error_message = "only test"\n    }\n  }\n}\n', ok=(0,1))
scene('targeted', D%('a','1'), D%('a','2')+D%('b','2'), plan_args=('-target=terraform_data.b',))
scene('sensitive', None, 'variable "db" {\n  sensitive = true\n  default   = "hunter2-correct-horse"\n}\nresource "terraform_data" "a" {\n  input = nonsensitive("plain ${sha1(var.db)}")\n}\nresource "terraform_data" "b" {\n  input = var.db\n}\noutput "dsn" {\n  value     = "postgres://u:${var.db}@h/d"\n  sensitive = true\n}\n')
S='variable "db" {\n  sensitive = true\n  default   = "hunter2-correct-horse"\n}\nresource "terraform_data" "b" {\n  input = {\n    password = var.db\n    n        = %s\n  }\n}\nresource "terraform_data" "k" {\n  for_each = toset([nonsensitive(var.db)])\n  input    = "%s"\n}\n'
scene('sensitive-computed', S%('1','1'), S%('2','2'))
scene('check-failed', D%('a','1'), D%('a','1')+'check "health" {\n  assert {\n    condition     = terraform_data.a.output == "2"\n    error_message = "the output is not 2"\n  }\n}\n')
scene('no-changes', D%('a','1'), D%('a','1'))
scene('hostile-names', None, 'resource "terraform_data" "h" {\n  for_each = toset(["x](http://e.example) @org ::error::pwned", "\\u202Eevil\\n::set-output name=a::b", "<img src=x onerror=alert(1)>", "a|b`c```"])\n  input    = each.key\n}\n')
