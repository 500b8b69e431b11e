//! As much of HTTP/1.1 as the proxy and the emulator's control calls need.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any answer of an emulator takes, short enough to fail a test.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request or a reply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Message {
    /// The request line or the status line.
    pub(crate) first: String,
    /// Headers in order, with names as they were sent.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, without transfer coding.
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// The value of a header, whatever the case of its name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The method of a request.
    pub(crate) fn method(&self) -> &str {
        self.first.split(' ').next().unwrap_or_default()
    }

    /// Path and query of a request.
    pub(crate) fn target(&self) -> &str {
        self.first.split(' ').nth(1).unwrap_or_default()
    }

    /// The code of a reply, 0 when it has none.
    pub(crate) fn status(&self) -> u16 {
        let code = self.first.split(' ').nth(1);
        code.and_then(|code| code.parse().ok()).unwrap_or(0)
    }

    /// Writes it with its length, and `Connection: close` when asked.
    pub(crate) fn write_to(&self, stream: &mut impl Write, close: bool) -> io::Result<()> {
        let mut head = format!("{}\r\n", self.first);
        let own = [
            "content-length",
            "transfer-encoding",
            "connection",
            "expect",
        ];
        for (name, value) in &self.headers {
            if !own.iter().any(|own| name.eq_ignore_ascii_case(own)) {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        // The reply to HEAD tells the length of a body that it does not have.
        let told = self
            .header("content-length")
            .filter(|_| self.body.is_empty());
        match told {
            Some(length) => head.push_str(&format!("Content-Length: {length}\r\n")),
            None => head.push_str(&format!("Content-Length: {}\r\n", self.body.len())),
        }
        if close {
            head.push_str("Connection: close\r\n");
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes())?;
        stream.write_all(&self.body)?;
        stream.flush()
    }
}

/// Reads a request; `None` when the other side has closed the connection.
pub(crate) fn read_request(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Message>> {
    let Some(mut message) = read_head(stream)? else {
        return Ok(None);
    };
    if message.header("expect").is_some() {
        stream
            .get_mut()
            .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    message.body = read_body(stream, &message, false)?;
    Ok(Some(message))
}

/// Sends one request over a connection of its own and reads the reply.
pub(crate) fn send(to: SocketAddr, request: &Message) -> io::Result<Message> {
    let stream = TcpStream::connect_timeout(&to, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    request.write_to(&mut &stream, true)?;
    let mut reader = BufReader::new(stream);
    let closed = || io::Error::new(io::ErrorKind::UnexpectedEof, "closed without a reply");
    let mut reply = read_head(&mut reader)?.ok_or_else(closed)?;
    while reply.status() == 100 {
        reply = read_head(&mut reader)?.ok_or_else(closed)?;
    }
    if request.method() != "HEAD" && !matches!(reply.status(), 204 | 304) {
        reply.body = read_body(&mut reader, &reply, true)?;
    }
    Ok(reply)
}

/// Sends a request without headers of its own.
pub(crate) fn call(to: SocketAddr, method: &str, path: &str) -> io::Result<Message> {
    let request = Message {
        first: format!("{method} {path} HTTP/1.1"),
        headers: vec![("Host".to_owned(), to.to_string())],
        body: Vec::new(),
    };
    send(to, &request)
}

fn read_head(stream: &mut impl BufRead) -> io::Result<Option<Message>> {
    let mut message = Message::default();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if message.first.is_empty() {
            message.first = line.to_owned();
        } else if line.is_empty() {
            return Ok(Some(message));
        } else if let Some((name, value)) = line.split_once(':') {
            let header = (name.to_owned(), value.trim().to_owned());
            message.headers.push(header);
        }
    }
}

fn read_body(stream: &mut impl BufRead, head: &Message, to_end: bool) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    let chunked = head
        .header("transfer-encoding")
        .is_some_and(|coding| coding.contains("chunked"));
    if chunked {
        read_chunks(stream, &mut body)?;
    } else if let Some(length) = head.header("content-length") {
        let length = length.parse().map_err(io::Error::other)?;
        body.resize(length, 0);
        stream.read_exact(&mut body)?;
    } else if to_end {
        stream.read_to_end(&mut body)?;
    }
    Ok(body)
}

fn read_chunks(stream: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let size = line.trim().split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
        let start = body.len();
        body.resize(start + size, 0);
        stream.read_exact(&mut body[start..])?;
        stream.read_line(&mut String::new())?;
        if size == 0 {
            return Ok(());
        }
    }
}
