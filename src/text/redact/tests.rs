use proptest::prelude::*;

use super::*;

#[test]
fn secrets_are_replaced_by_their_kind() {
    let secret40 = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let b64 = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTIzNDU2Nzg5MA==";
    let a36 = "abcdefghijklmnopqrstuvwxyz0123456789";
    let cases: Vec<(String, String)> = [
        (
            "key AKIAIOSFODNN7EXAMPLE used",
            "key [REDACTED:aws-access-key-id] used",
        ),
        ("ASIAIOSFODNN7EXAMPLE", "[REDACTED:aws-access-key-id]"),
        (
            "aws_secret_access_key = {secret40}",
            "aws_secret_access_key = [REDACTED:aws-secret-key]",
        ),
        (
            r#""SecretAccessKey": "{secret40}","#,
            r#""SecretAccessKey": "[REDACTED:aws-secret-key]","#,
        ),
        (
            "AKIAIOSFODNN7EXAMPLE,{secret40}",
            "[REDACTED:aws-access-key-id],[REDACTED:aws-secret-key]",
        ),
        (
            "aws_session_token=IQoJb3JpZ2luX2VjEJr{b64}",
            "aws_session_token=[REDACTED:aws-session-token]",
        ),
        (
            "x-amz-security-token: abc/def",
            "x-amz-security-token: [REDACTED:password]",
        ),
        (
            "the session token: swordfish",
            "the session token: [REDACTED:password]",
        ),
        (
            "session token: abcd1234 is old",
            "session token: [REDACTED:password] is old",
        ),
        (
            "auth_token: swordfish is old",
            "auth_token: [REDACTED:password] is old",
        ),
        ("push with ghp_{a36}.", "push with [REDACTED:github-token]."),
        ("github_pat_{a36}_{a36}", "[REDACTED:github-token]"),
        ("backup_ghp_{a36}", "backup_[REDACTED:github-token]"),
        ("aws_sk_live_{a36}", "aws_[REDACTED:stripe-key]"),
        ("glpat-{a36}", "[REDACTED:gitlab-token]"),
        ("xoxb-123456789012-{a36}", "[REDACTED:slack-token]"),
        (
            "https://hooks.slack.com/services/T0/B0/{a36}",
            "https://hooks.slack.com/services/[REDACTED:webhook-url]",
        ),
        ("sk_live_{a36}", "[REDACTED:stripe-key]"),
        ("AIzaSyA-{a36}", "[REDACTED:google-key]"),
        ("GOCSPX-{a36}", "[REDACTED:google-key]"),
        (
            "AccountName=x;AccountKey={b64};EndpointSuffix=core",
            "AccountName=x;AccountKey=[REDACTED:azure-key];EndpointSuffix=core",
        ),
        (
            "https://x.blob.core.windows.net/c?sv=2022&sig=abcdefghijklmnopqrstuvwx%3D&se=1",
            "https://x.blob.core.windows.net/c?sv=2022&sig=[REDACTED:azure-sas]&se=1",
        ),
        ("abc8Q~{a36}", "[REDACTED:azure-client-secret]"),
        ("sk-ant-api03-{a36}", "[REDACTED:ai-key]"),
        ("sk-proj-{a36}", "[REDACTED:ai-key]"),
        ("npm_{a36}", "[REDACTED:npm-token]"),
        ("pypi-AgEIcHlwaS5vcmc{a36}", "[REDACTED:pypi-token]"),
        (
            "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27 x",
            "jwt [REDACTED:jwt] x",
        ),
        (
            "a -----BEGIN RSA PRIVATE KEY-----\nMIIE\nAAAA\n-----END RSA PRIVATE KEY----- b",
            "a [REDACTED:private-key] b",
        ),
        (
            r#"{"private_key": "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"}"#,
            r#"{"private_key": "[REDACTED:private-key]\n"}"#,
        ),
        (
            "cut -----BEGIN EC PRIVATE KEY-----\nMIIEabc+/=",
            "cut [REDACTED:private-key]",
        ),
        (
            "postgres://app:hunter2@db:5432/x",
            "postgres://app:[REDACTED:url-password]@db:5432/x",
        ),
        (
            "redis://:p@ss@cache:6379",
            "redis://:[REDACTED:url-password]@cache:6379",
        ),
        (
            "password=hunter2 user=x",
            "password=[REDACTED:password] user=x",
        ),
        (
            "cut off: {\"password\": \"hun ter2",
            "cut off: {\"password\": \"[REDACTED:password]",
        ),
        ("password='<hunter2", "password='[REDACTED:password]"),
        ("<db_password>hunter2", "<db_password>[REDACTED:password]"),
        ("DB_PASSWORD: hunter2", "DB_PASSWORD: [REDACTED:password]"),
        (
            r#"{"password": "hun\"ter2", "a": 1}"#,
            r#"{"password": "[REDACTED:password]", "a": 1}"#,
        ),
        (
            r#"{\"password\":\"hunter2\",\"a\":1}"#,
            r#"{\"password\":\"[REDACTED:password]\",\"a\":1}"#,
        ),
        (
            "Server=db;User Id=sa;Password=p4ss;Encrypt=1",
            "Server=db;User Id=sa;Password=[REDACTED:password];Encrypt=1",
        ),
        ("Uid=sa;Pwd=p4ss;", "Uid=sa;Pwd=[REDACTED:password];"),
        (
            "GET /x?api_key=abc123&y=1",
            "GET /x?api_key=[REDACTED:password]&y=1",
        ),
        (
            "authorization: Bearer abc.def",
            "authorization: Bearer [REDACTED:authorization]",
        ),
        (
            "Authorization: Basic dXNlcjpwYXNz",
            "Authorization: Basic [REDACTED:authorization]",
        ),
        (
            "sent Bearer abcdefgh12345678ijkl",
            "sent Bearer [REDACTED:authorization]",
        ),
        (
            "mysql --password hunter2 --host db",
            "mysql --password [REDACTED:password] --host db",
        ),
        (
            r#"{"name":"DB_PASSWORD","value":"hunter2"}"#,
            r#"{"name":"DB_PASSWORD","value":"[REDACTED:password]"}"#,
        ),
        (
            "<password>hunter2</password>",
            "<password>[REDACTED:password]</password>",
        ),
        (
            "Set-Cookie: sid=31d4d96e407aad42; HttpOnly",
            "Set-Cookie: [REDACTED:cookie]",
        ),
        (
            "card 4111 1111 1111 1111 declined",
            "card [REDACTED:card-number] declined",
        ),
        ("4111-1111-1111-1111", "[REDACTED:card-number]"),
        ("amex 378282246310005.", "amex [REDACTED:card-number]."),
        (
            "AKIAIOSFODNN7EXAMPLE {secret40}",
            "[REDACTED:aws-access-key-id] [REDACTED:aws-secret-key]",
        ),
        (
            "id AKIAIOSFODNN7EXAMPLE and secret {secret40}.",
            "id [REDACTED:aws-access-key-id] and secret [REDACTED:aws-secret-key].",
        ),
        (
            "{secret40} of AKIAIOSFODNN7EXAMPLE",
            "[REDACTED:aws-secret-key] of [REDACTED:aws-access-key-id]",
        ),
        (
            "github_pat_11ABCDEFG0abcdefghijkl_{a36}abcdefghijklmnopqrstuvw",
            "[REDACTED:github-token]",
        ),
        (
            "postgres://user:pa:ss@host/x",
            "postgres://user:[REDACTED:url-password]@host/x",
        ),
        (
            "postgresql+asyncpg://user:p%40ss%3Aword@db:5432/x?sslmode=require",
            "postgresql+asyncpg://user:[REDACTED:url-password]@db:5432/x?sslmode=require",
        ),
        (
            "mongodb+srv://root:p@ss:w0rd@cluster0.example.mongodb.net/",
            "mongodb+srv://root:[REDACTED:url-password]@cluster0.example.mongodb.net/",
        ),
        (
            "amqp://guest:pa/ss@mq:5672",
            "amqp://guest:[REDACTED:url-password]@mq:5672",
        ),
        (
            "https://github.com/login?access_token={a36}",
            "https://github.com/login?access_token=[REDACTED:password]",
        ),
        (
            "https://h.example/x?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261121%2Feu-central-1&X-Amz-Signature=9f86d081884c7d659a2feaa0c55ad0159f86d081884c7d659a2feaa0c55ad015",
            "https://h.example/x?X-Amz-Credential=[REDACTED:aws-access-key-id]%2F20261121%2Feu-central-1&X-Amz-Signature=[REDACTED:signature]",
        ),
        (
            "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/eu-central-1/rds/aws4_request, SignedHeaders=host;x-amz-date, Signature=9f86d081884c7d659a2feaa0c55ad0159f86d081884c7d659a2feaa0c55ad015",
            "Authorization: [REDACTED:authorization] Credential=[REDACTED:aws-access-key-id]/20261121/eu-central-1/rds/aws4_request, SignedHeaders=host;x-amz-date, Signature=[REDACTED:signature]",
        ),
        (
            r#"headers: {"authorization": "Bearer abc.def-123456789"}"#,
            r#"headers: {"authorization": "Bearer [REDACTED:authorization]"}"#,
        ),
        (
            "https://outlook.office.com/webhook/x?sv=2022&sr=b&sig=abcdefghijklmnopqrstuvwxyz%2B0%3D",
            "https://outlook.office.com/webhook/x?sv=2022&sr=b&sig=[REDACTED:azure-sas]",
        ),
        (
            r"key: -----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXkt\n-----END OPENSSH PRIVATE KEY-----\n.",
            r"key: [REDACTED:private-key]\n.",
        ),
        (
            "curl -sS -u deploy:hunter2 https://h.example/x",
            "curl -sS -u deploy:[REDACTED:password] https://h.example/x",
        ),
        (
            r#"["curl", "--user", "deploy:hunter2", "https://h.example"]"#,
            r#"["curl", "--user", "deploy:[REDACTED:password]", "https://h.example"]"#,
        ),
        (
            "+ curl -udeploy:hunter2 https://h.example",
            "+ curl -udeploy:[REDACTED:password] https://h.example",
        ),
        (
            "http -a deploy:hunter2 PUT h.example/x",
            "http -a deploy:[REDACTED:password] PUT h.example/x",
        ),
        (
            "sh -c 'mysql -h db -uroot -pS3cr#t! orders'",
            "sh -c 'mysql -h db -uroot -p[REDACTED:password] orders'",
        ),
        (
            "mysqldump --single-transaction -p'hunter 2' orders",
            "mysqldump --single-transaction -p'[REDACTED:password]' orders",
        ),
        (
            r#"["redis-cli", "-a", "hunter2"]"#,
            r#"["redis-cli", "-a", "[REDACTED:password]"]"#,
        ),
        (
            "sshpass -p hunter2 ssh deploy@host",
            "sshpass -p [REDACTED:password] ssh deploy@host",
        ),
        (
            "redis-cli -h cache -a hunter2 ping",
            "redis-cli -h cache -a [REDACTED:password] ping",
        ),
        (
            "docker login -u ci -p hunter2 registry.example",
            "docker login -u ci -p [REDACTED:password] registry.example",
        ),
        (
            "ldapsearch -x -D cn=admin -w hunter2 -b dc=acme",
            "ldapsearch -x -D cn=admin -w [REDACTED:password] -b dc=acme",
        ),
        (
            "smbclient //nas/x -U deploy%hunter2",
            "smbclient //nas/x -U deploy%[REDACTED:password]",
        ),
        (
            "GET /login?next=%2Fx%3Fpassword%3Dhunter2%26page%3D2",
            "GET /login?next=%2Fx%3Fpassword%3D[REDACTED:password]%26page%3D2",
        ),
        (
            "u=%252Fx%253Faccess_token%253Dabc%2Fdef%2526page",
            "u=%252Fx%253Faccess_token%253D[REDACTED:password]%2526page",
        ),
        ("password\thunter2", "password\t[REDACTED:password]"),
        (
            "user\tdeploy\tapi_key\t\"9f3a x\"",
            "user\tdeploy\tapi_key\t\"[REDACTED:password]\"",
        ),
        (
            "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX.",
            "[REDACTED:age-key].",
        ),
        (
            "session_key=Zk3v9QmT7xLp2RwYb8NcAd4F",
            "session_key=[REDACTED:high-entropy]",
        ),
    ]
    .iter()
    .map(|(from, to)| {
        let fill = |text: &str| {
            text.replace("{secret40}", secret40)
                .replace("{b64}", b64)
                .replace("{a36}", a36)
        };
        (fill(from), fill(to))
    })
    .collect();
    for (from, to) in &cases {
        let (clean, count) = redact_counted(from);
        assert_eq!(&clean, to, "from {from}");
        assert!(count > 0, "counted: {from}");
        assert_eq!(redact(&clean), clean, "idempotent: {from}");
    }
}

#[test]
fn ordinary_text_is_left_alone() {
    for text in [
        "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf",
        "arn:aws:iam::123456789012:role/token-issuer",
        "account 123456789012, run 20261121t101500z-1f0c9a3e",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        "commit=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        "550e8400-e29b-41d4-a716-446655440000",
        "key=550e8400-e29b-41d4-a716-446655440000",
        "2026-11-21T10:15:00Z took 1700000000000 ms",
        "orders-api-prod-eu-central-1",
        "https://console.aws.amazon.com/lambda/home?region=eu-central-1#/functions/orders",
        "https://example.org:8443/a@b",
        "token_count=5 max_tokens: 4096",
        "secretsmanager:GetSecretValue is not allowed",
        "password reset required",
        "password: required",
        "token=<your-token>",
        "secret=${DB_SECRET} token=$TOKEN",
        "secret_arn = arn:aws:secretsmanager:eu-central-1:123456789012:secret:x-AbCdEf",
        "PWD=/home/deploy",
        "Unexpected token in JSON at position 4",
        "Threshold Crossed: 1 datapoint [98.0 (21/11/26 10:10:00)] was greater than 95.0",
        "not authorized to perform: cloudwatch:GetMetricData",
        "ratio 0.4111111111111111",
        "disk-4111111111111111",
        "1234 5678 9012 3456",
        "task-definition/orders:42",
        "key=logs/2026/11/21/file-0001.json.gz",
        "tags: key=Environment, value=prod",
        "authorization: AWS_IAM",
        "basic authentication failed",
        "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/my-load-balancer/50dc6c495c0c9188",
        "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/my-targets/73e2d6bc24d8a067",
        "app/my-load-balancer/50dc6c495c0c9188",
        "arn:aws:ecs:eu-central-1:123456789012:task/orders/0b69d5c0d655488c9b2b7e2a3f4d5e6f",
        "arn:aws:ecs:eu-central-1:123456789012:service/token-service/secret-rotator",
        "arn:aws:cloudfront::123456789012:distribution/E2QWRUHAPOMQZL",
        "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "arn:aws:sqs:eu-central-1:123456789012:password-reset-emails",
        "arn:aws:dynamodb:eu-central-1:123456789012:table/user-tokens",
        "arn:aws:apigateway:eu-central-1::/restapis/a1b2c3d4e5/stages/live",
        "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
        "AROAIOSFODNN7EXAMPLE:fractary",
        "run 11223344556 attempt 1, run_id=11223344556",
        "key=backups/2026-11-21T10-15-00Z/dump-4f3a9c.sql.gz",
        "s3://orders-backups-2026-11-21/db/full.dump",
        "orders-20261121101500-abcdef",
        "function OrdersStack-ApiHandlerF9A2C8D1-Xy7Qw3LmNp0R is broken",
        "OrdersStack-TokenRefresherB7D4E1F2-a1B2c3D4e5F6",
        "commit 3b18e512dba79e4c8300dd08aeb37f8e728b8dad, tree e83c5163316f89bfbde7d9ab23ca2e25604af290",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "i-0123456789abcdef0 vpc-0a1b2c3d4e5f67890 subnet-0a1b2c3d",
        "RequestID: 2f4a7a0e-9c2b-4a55-9d4e-0b1c2d3e4f5a, HostId: x",
        "alarm orders-api-token-errors is ALARM: tokens > 100",
        "key: value, monkey: banana, keyboard = qwerty",
        "primary_key=order_id partition key: customerId",
        "max password length: 64, min password length=8",
        "connection to 10.0.0.1:5432 refused",
        "redis://cache:6379/0?owner=a@b",
        "git@github.com:acme/orders.git and https://user@example.org/x",
        "IMDS session token required",
        "password: not set, token: 'not set', secret: not found",
        "password = (none) and token: rejected, api_key: string",
        "password: must have 8 characters; token: refreshed",
        "the IMDS session token is required; session token: required",
        "failed to load IMDS session token: dispatch failure: io error: request forbidden",
        "could not refresh the access token: server error, try again",
        "user\tpassword\ttoken\tlast seen",
        "TOKEN\tEXPIRES",
        "curl -u \"$USER\" https://h.example/a:b",
        "curl -s http://10.0.0.1:8080/health",
        "curl --unix-socket /run/docker.sock http://localhost:2375/x",
        "mysql -h db -u root -p orders",
        "mysqldump --port=3306 -P 3306 orders",
        "docker run --user 1000:1000 -p 8080:80 web",
        "docker build -p x",
        "ssh -p 2222 deploy@host",
        "ps -a 42 and redis-cli ping | grep -a x",
        "callback%3Fpage%3D2%26order%3D5",
        "age1gfpyysjzgfpyysjz is a recipient",
        "module.tokens[\"a\"].aws_lambda_function.secret_rotation",
    ] {
        assert_eq!(redact_counted(text), (Cow::Borrowed(text), 0), "{text}");
    }
}

#[test]
fn long_hostile_text_takes_linear_time() {
    // Quadratic behaviour on any of these would take minutes.
    for piece in [
        "-----BEGIN PRIVATE KEY-----!",
        "password",
        "eyJ",
        "a://b:",
        "4111",
        "\"name\":\"",
        "key=",
        "password=\"",
        "<password>",
        "a.",
    ] {
        let text = piece.repeat(200_000 / piece.len());
        redact(&text);
    }
}

proptest! {
    #[test]
    fn redacting_twice_is_redacting_once(text in "(?s).{0,80}") {
        let once = redact(&text).into_owned();
        prop_assert_eq!(redact(&once).into_owned(), once.clone());
    }

    #[test]
    fn also_when_it_is_full_of_keywords(
        parts in proptest::collection::vec(prop_oneof![
            Just("password"), Just("="), Just(": "), Just("\""), Just("'"), Just("token"), Just("\\"),
            Just("[REDACTED:"), Just("[REDACTED:jwt]"), Just("]"), Just("AKIAIOSFODNN7EXAMPLE"),
            Just("://"), Just("a:"), Just("@"), Just(" "), Just("x1"), Just("Authorization: "),
            Just("Bearer "), Just("eyJhbGciOiJI.eyJzdWIi.abc"), Just("key="), Just(","), Just(";"),
            Just("wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYab"), Just("<secret>"), Just("</secret>"),
            Just("-----BEGIN PRIVATE KEY-----"), Just("-----END PRIVATE KEY-----"), Just("\n"),
            Just("--token "), Just("cookie: "), Just("pwd"), Just("4111111111111111"),
        ], 0..14),
    ) {
        let text = parts.concat();
        let once = redact(&text).into_owned();
        prop_assert_eq!(redact(&once).into_owned(), once.clone(), "from {:?}", text);
    }
}
