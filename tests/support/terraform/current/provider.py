#!/usr/bin/env python3
"""A provider with the schema of hashicorp/aws 6.69.1, whose binary is not to be had from package registries.

  provider.py SCHEMA.json

With AWS_ENDPOINT_URL in its environment it creates, reads, changes and destroys the types of cloud.py
there, by boto3. Without, it has no cloud: `plan` leaves computed attributes unknown, `apply` makes
values up for them, `destroy` forgets, and nothing is ever replaced.

SCHEMA.json is what `terraform providers schema -json` or from_bindings.py prints. The first line on
standard output is the value of TF_REATTACH_PROVIDERS; then it serves until its standard input ends.
It keeps nothing between calls but the default tags. Terraform itself checks names, types, required
arguments, nesting and references against the schema; no value is refused.

Speaks plugin protocol 5 (https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol).
Needs requirements.txt of this folder.
"""
import concurrent.futures, hashlib, json, os, sys, tempfile

import grpc
import msgpack

import cloud

HAS_CLOUD = bool(os.environ.get('AWS_ENDPOINT_URL'))
UNKNOWN = msgpack.ExtType(0, b'\x00')


# Protocol buffers, as much as is needed of them.

def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out) + bytes([n])


def number(field, n):
    return varint(field << 3) + varint(n) if n else b''


def data(field, value):
    value = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(value)) + value


def parse(message):
    """Field number to its last value."""
    out, i = {}, 0

    def read():
        nonlocal i
        n = shift = 0
        while True:
            byte = message[i]
            i += 1
            n |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return n

    while i < len(message):
        tag = read()
        if tag & 7 == 0:
            out[tag >> 3] = read()
        elif tag & 7 == 2:
            size = read()
            out[tag >> 3] = message[i:i + size]
            i += size
        else:
            raise ValueError(f'wire type {tag & 7}')
    return out


def value_in(message, field):
    """A DynamicValue."""
    dynamic = parse(parse(message).get(field, b''))
    if 1 in dynamic:
        return msgpack.unpackb(dynamic[1], strict_map_key=False)
    return json.loads(dynamic[2]) if 2 in dynamic else None


def value_out(field, value):
    return data(field, data(1, msgpack.packb(value)))


def diagnostic(field, summary, detail=''):
    return data(field, number(1, 1) + data(2, summary) + data(3, detail))


# The schema, in both directions.

NESTING = {'single': 1, 'list': 2, 'set': 3, 'map': 4, 'group': 5}


def encode_block(block):
    out = b''
    for name, a in sorted(block.get('attributes', {}).items()):
        out += data(2, data(1, name) + data(2, json.dumps(a['type'])) + number(4, a.get('required', False))
                    + number(5, a.get('optional', False)) + number(6, a.get('computed', False)) + number(7, a.get('sensitive', False)))
    for name, b in sorted(block.get('block_types', {}).items()):
        out += data(3, data(1, name) + data(2, encode_block(b['block'])) + number(3, NESTING[b['nesting_mode']])
                    + number(4, b.get('min_items', 0)) + number(5, b.get('max_items', 0)))
    return out


def encode_schema(schema):
    return number(1, schema.get('version', 0)) + data(2, encode_block(schema['block']))


def each(block, value, change):
    """The value with change(name, attribute, old) in place of every attribute, at any depth."""
    if value is None or isinstance(value, msgpack.ExtType):
        return value
    out = dict(value)
    for name, attribute in block.get('attributes', {}).items():
        out[name] = change(name, attribute, value.get(name))
    for name, nested in block.get('block_types', {}).items():
        inner, mode = value.get(name), nested['nesting_mode']
        if mode in ('list', 'set') and isinstance(inner, list):
            out[name] = [each(nested['block'], v, change) for v in inner]
        elif mode == 'map' and isinstance(inner, dict):
            out[name] = {k: each(nested['block'], v, change) for k, v in inner.items()}
        elif mode in ('single', 'group'):
            out[name] = each(nested['block'], inner, change)
    return out


def plan(block, prior, proposed):
    if proposed is None or prior is not None:
        return proposed
    return each(block, proposed, lambda _, a, v: UNKNOWN if v is None and a.get('computed') else v)


def is_known(value):
    if isinstance(value, msgpack.ExtType):
        return False
    if isinstance(value, dict):
        return all(map(is_known, value.values()))
    return not isinstance(value, list) or all(map(is_known, value))


def settle(block, planned, computed):
    """What was planned, with what AWS has answered in place of what was unknown."""
    def change(name, attribute, old):
        if not isinstance(old, msgpack.ExtType):
            return old
        empty = {} if attribute['type'][0] == 'map' else None
        return computed.get(name, empty)
    return each(block, planned, change)


def make_up(type_name, seed, name, attribute, old):
    """A value for a computed attribute that the configuration does not give."""
    if not isinstance(old, msgpack.ExtType) and (old is not None or not attribute.get('computed')):
        return old
    kind = attribute['type']
    if kind == 'string':
        short = hashlib.sha256(f'{type_name} {seed}'.encode()).hexdigest()[:12]
        if name == 'arn' or name.endswith('_arn'):
            return f"arn:aws:{type_name.split('_')[1]}:eu-central-1:000000000000:{type_name}/{short}"
        return f'{type_name}-{short}' if name == 'id' else f'{name}-{short}'
    if kind == 'number':
        return 0
    if kind == 'bool':
        return False
    if kind == ['list', 'string']:
        # Someone may take the first of them, as of the availability zones.
        return [f'{name}-{number}' for number in range(3)]
    return {} if kind[0] == 'map' else [] if kind[0] in ('list', 'set') else None


def main():
    with open(sys.argv[1]) as f:
        ((source, schemas),) = json.load(f)['provider_schemas'].items()
    resources, data_sources = schemas['resource_schemas'], schemas['data_source_schemas']
    everything = data(1, encode_schema(schemas['provider']))
    for field, group in ((2, resources), (3, data_sources)):
        everything += b''.join(data(field, data(1, name) + data(2, encode_schema(s))) for name, s in group.items())

    def type_of(message, group):
        name = parse(message)[1].decode()
        return name, group[name]['block']

    def validate(message):
        """What Terraform leaves to providers, and every provider refuses."""
        _, block = type_of(message, resources)
        wrong = []

        def look(name, attribute, value):
            if value is not None and not (attribute.get('optional') or attribute.get('required')):
                wrong.append(name)

        each(block, value_in(message, 2), look)
        return b''.join(diagnostic(1, 'Value for unconfigurable attribute', f'Can\'t configure a value for "{name}": its value will '
                                   'be decided automatically based on the result of applying this configuration.') for name in wrong)

    default_tags = {}

    def configure(message):
        config = value_in(message, 2) or {}
        default_tags.clear()
        for one in config.get('default_tags') or []:
            default_tags.update(one.get('tags') or {})
        return b''

    def upgrade(message):
        return data(1, data(2, parse(parse(message)[3]).get(1, b'null')))

    def plan_change(message):
        name, block = type_of(message, resources)
        prior, proposed = value_in(message, 2), value_in(message, 3)
        planned = plan(block, prior, proposed)
        if planned is not None and 'tags_all' in planned:
            tags = planned.get('tags')
            planned['tags_all'] = {**default_tags, **(tags or {})} if is_known(tags) else UNKNOWN
        forces = getattr(cloud.TYPES.get(name), 'replaces', []) if HAS_CLOUD and prior and planned else []
        paths = b''.join(data(2, data(1, data(1, one))) for one in forces if prior.get(one) != planned.get(one))
        return value_out(1, planned) + paths + number(5, 1)

    def read(message):
        name, _ = type_of(message, resources)
        state = value_in(message, 2)
        if not HAS_CLOUD or state is None:
            return value_out(1, state)
        now = cloud.TYPES[name].read(state)
        return value_out(1, None if now is None else {**state, **now})

    def apply_change(message):
        name, block = type_of(message, resources)
        prior, planned = value_in(message, 2), value_in(message, 3)
        if not HAS_CLOUD:
            seed = msgpack.packb(value_in(message, 4))
            return value_out(1, each(block, planned, lambda n, a, v: make_up(name, seed, n, a, v))) + number(4, 1)
        if name not in cloud.TYPES:
            return value_out(1, prior) + diagnostic(3, f'cloud.py has no calls for {name}') + number(4, 1)
        kind = cloud.TYPES[name]
        if planned is None:
            kind.delete(prior)
            return value_out(1, None) + number(4, 1)
        if prior is None:
            made = settle(block, planned, kind.create(settle(block, planned, {})))
        else:
            made = settle(block, planned, prior)
            kind.update(made, prior)
        return value_out(1, made) + number(4, 1)

    def read_data(message):
        name, block = type_of(message, data_sources)
        config = value_in(message, 2)
        if HAS_CLOUD:
            answered = cloud.DATA[name](config)
            return value_out(1, {**config, **{k: v for k, v in answered.items() if k in config}})
        return value_out(1, each(block, config, lambda n, a, v: make_up(name, msgpack.packb(config), n, a, v)))

    def told(answer, field):
        """The answer, or the error of AWS as Terraform shows it."""
        def call(message):
            try:
                return answer(message)
            except Exception as error:
                prior = parse(message).get(2)
                kept = data(1, prior) if prior and field == 3 else b''
                return kept + diagnostic(field, str(error) or repr(error))
        return call

    answers = {
        'GetSchema': lambda message: everything,
        'PrepareProviderConfig': lambda message: data(1, parse(message).get(1, b'')),
        'ValidateResourceTypeConfig': validate,
        'ValidateDataSourceConfig': lambda message: b'',
        'Configure': configure,
        'UpgradeResourceState': upgrade,
        'ReadResource': told(read, 2),
        'PlanResourceChange': told(plan_change, 4),
        'ApplyResourceChange': told(apply_change, 3),
        'ReadDataSource': told(read_data, 2),
        'ImportResourceState': lambda message: diagnostic(2, 'a provider without a cloud has nothing to import'),
        'Stop': lambda message: b'',
    }

    class Provider(grpc.GenericRpcHandler):
        def service(self, call):
            answer = answers.get(call.method.removeprefix('/tfplugin5.Provider/'))
            return answer and grpc.unary_unary_rpc_method_handler(lambda message, context: answer(message))

    folder = tempfile.mkdtemp(prefix='schema-provider-')
    socket = os.path.join(folder, 'socket')
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(8), handlers=[Provider()],
                         options=[('grpc.max_receive_message_length', -1), ('grpc.max_send_message_length', -1)])
    server.add_insecure_port('unix:' + socket)
    server.start()
    print(json.dumps({source: {'Protocol': 'grpc', 'ProtocolVersion': 5, 'Pid': os.getpid(), 'Test': True,
                               'Addr': {'Network': 'unix', 'String': socket}}}), flush=True)
    try:
        sys.stdin.read()
    finally:
        server.stop(0)
        os.path.exists(socket) and os.remove(socket)
        os.rmdir(folder)


main()
