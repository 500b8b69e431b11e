//! Who a caller is, as AWS answers `GetCallerIdentity`: a recorded reply with the account that a
//! test wants. Everything else that is sent there is a failure of the test.

use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use super::http::read_request;

/// Starts it; it ends with the process. Returns its endpoint.
pub(crate) fn start(account: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address: SocketAddr = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream, account));
        }
    });
    format!("http://{address}")
}

fn answer(stream: TcpStream, account: &str) {
    let mut reader = BufReader::new(stream);
    while let Ok(Some(request)) = read_request(&mut reader) {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let (status, text) = match body.contains("Action=GetCallerIdentity") {
            true => (
                "200 OK",
                format!(
                    r#"<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::{account}:user/deployer</Arn><UserId>AIDAEXAMPLE</UserId><Account>{account}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId></ResponseMetadata></GetCallerIdentityResponse>"#
                ),
            ),
            false => ("400 Bad Request", format!("not expected: {body}")),
        };
        let reply = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{text}",
            text.len()
        );
        if reader.get_mut().write_all(reply.as_bytes()).is_err() {
            return;
        }
    }
}
