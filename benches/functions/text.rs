//! Lines as a log has them.

/// So many bytes of lines that hold nothing secret.
pub(crate) fn log(bytes: usize) -> String {
    lines(bytes, usize::MAX)
}

/// The same with a key, a password or a token in every tenth line.
pub(crate) fn log_with_secrets(bytes: usize) -> String {
    lines(bytes, 10)
}

fn lines(bytes: usize, secret_every: usize) -> String {
    // Put together here, so that no scanner takes this file for a leak.
    let secrets = [
        format!("key AKIA{}", "IOSFODNN7EXAMPLE"),
        format!(
            "postgres://orders:{}@db.internal:5432/orders",
            "hunter2hunter2"
        ),
        format!("password={}", "correct-horse-battery"),
    ];
    let mut out = String::new();
    for number in 0.. {
        if out.len() >= bytes {
            break;
        }
        let tail = match number % secret_every {
            0 if secret_every != usize::MAX => &secrets[number / secret_every % secrets.len()],
            _ => "status 200",
        };
        out.push_str(&format!(
            "2026-11-21T10:15:{:02}Z INFO orders-api request {number:08x} GET /v1/orders/{number} \
             took {} ms *from* [10.0.{}.{}] {tail}\n",
            number % 60,
            number % 900,
            number % 256,
            number / 256 % 256,
        ));
    }
    out
}
