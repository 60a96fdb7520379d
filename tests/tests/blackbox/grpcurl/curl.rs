//! grpcurl against one server.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    process::{Command, Stdio},
};

use osteon_tests::{server::Server, tools};
use serde_json::Value;

/// grpcurl against one server, and which methods it has called.
pub(super) struct Curl<'a> {
    pub(super) server: &'a Server,
    pub(super) called: RefCell<BTreeSet<String>>,
}

impl<'a> Curl<'a> {
    pub(super) fn new(server: &'a Server) -> Self {
        Self { server, called: RefCell::default() }
    }

    /// What it printed, and what it says of an error.
    fn within(&self, seconds: &str, args: &[&str]) -> (String, Option<String>) {
        let done = Command::new(tools::grpcurl().expect("grpcurl"))
            .arg("-cacert")
            .arg(self.server.ca_path())
            .args(["-max-time", seconds])
            .args(args)
            .stdin(Stdio::null())
            .output()
            .expect("grpcurl runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&done.stdout), (!done.status.success()).then(|| text(&done.stderr)))
    }

    pub(super) fn run(&self, args: &[&str]) -> Result<String, String> {
        match self.within("20", args) {
            (out, None) => Ok(out),
            (_, Some(error)) => Err(error),
        }
    }

    /// The answers of one call: one of a unary method, any number of a stream.
    pub(super) fn call(&self, token: &str, method: &str, message: &Value) -> Result<Vec<Value>, String> {
        self.asked("20", token, method, message).and_then(|(answers, error)| error.map_or(Ok(answers), Err))
    }

    /// What a stream that stays says in so many seconds.
    pub(super) fn watch(&self, seconds: &str, token: &str, method: &str, message: &Value) -> Vec<Value> {
        let (answers, error) = self.asked(seconds, token, method, message).expect("answers");
        assert!(error.is_some_and(|error| error.contains("DeadlineExceeded")), "{method} stays open");
        answers
    }

    fn asked(
        &self,
        seconds: &str,
        token: &str,
        method: &str,
        message: &Value,
    ) -> Result<(Vec<Value>, Option<String>), String> {
        self.called.borrow_mut().insert(method.to_owned());
        let header = format!("authorization: Bearer {token}");
        let data = message.to_string();
        let mut args = vec!["-emit-defaults", "-d", &data];
        if !token.is_empty() {
            args.extend(["-H", &header]);
        }
        let authority = self.server.authority();
        args.extend([authority.as_str(), method]);
        let (out, error) = self.within(seconds, &args);
        let answers = serde_json::Deserializer::from_str(&out).into_iter().collect::<Result<Vec<Value>, _>>();
        answers.map(|answers| (answers, error)).map_err(|error| format!("{error}: {out}"))
    }

    #[track_caller]
    pub(super) fn one(&self, token: &str, method: &str, message: Value) -> Value {
        match self.call(token, method, &message) {
            Ok(mut answers) if answers.len() == 1 => answers.remove(0),
            Ok(answers) => panic!("{method}: {} answers", answers.len()),
            Err(text) => panic!("{method}: {text}"),
        }
    }
}
