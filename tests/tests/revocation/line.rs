//! The server's use cases behind TLS and HTTP/2, with a line that can be cut after an answer, lose one or hold one back.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    body::Body,
    extract::{Request as HttpRequest, State},
    middleware::{Next, from_fn_with_state},
    response::Response as HttpResponse,
};
use osteon_proto::sync::{
    self as pb,
    sync_service_server::{SyncService, SyncServiceServer},
};
use osteon_server::{
    access::{Caller, authenticate},
    app::{App, hello, push, stream},
    error::Error,
    rpc,
};
use tokio::sync::{Notify, mpsc};
use tokio_stream::{Stream, StreamExt, wrappers::TcpListenerStream};
use tonic::{
    Request, Response, Status,
    codegen::Service,
    service::Routes,
    transport::{Identity, Server, ServerTlsConfig},
};

/// Parts of a page: few, so that a journal is several.
const PAGE: u32 = 2;

/// How the line is. Hello passes always.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) enum How {
    #[default]
    Open,
    /// One more push or page is answered and heard, and then nothing.
    Once,
    /// One more push or page is answered, and nothing is heard.
    Lost,
    /// The next page is made and held back.
    Held,
    Cut,
}

type Message = Result<pb::PullResponse, Status>;

/// A page that was made and has not arrived, and the way on which it would.
pub(crate) struct HeldPage {
    message: Message,
    way: mpsc::Sender<Message>,
}

impl HeldPage {
    /// It comes. Whether anybody was there.
    pub(crate) async fn arrives(self) -> bool {
        self.way.send(self.message).await.is_ok()
    }
}

#[derive(Default)]
struct Gate {
    how: How,
    held: Option<HeldPage>,
    /// Pulls without a cursor.
    from_the_beginning: u32,
}

pub(crate) struct Line {
    app: Arc<App>,
    gate: Mutex<Gate>,
    is_held: Notify,
    pub(crate) server: String,
    pub(crate) ca_pem: Vec<u8>,
}

impl Line {
    pub(crate) async fn to(app: &Arc<App>) -> Arc<Self> {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("certificate");
        let ca_pem = made.cert.pem();
        let identity = Identity::from_pem(&ca_pem, made.signing_key.serialize_pem());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = format!("https://localhost:{}", listener.local_addr().expect("address").port());
        let (gate, is_held) = (Mutex::default(), Notify::new());
        let line = Arc::new(Self { app: Arc::clone(app), gate, is_held, server, ca_pem: ca_pem.into_bytes() });
        let routes = rpc::routes(app).into_axum_router().layer(from_fn_with_state(Arc::clone(&line), who));
        let tls = ServerTlsConfig::new().identity(identity);
        let server = Server::builder().tls_config(tls).expect("tls").add_routes(Routes::from(routes));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        line
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().expect("gate")
    }

    pub(crate) fn is(&self, how: How) {
        self.gate().how = how;
    }

    /// How often a phone asked for everything anew.
    pub(crate) fn pulls_from_the_beginning(&self) -> u32 {
        self.gate().from_the_beginning
    }

    /// How the next push or page goes, and what is after it.
    fn next(&self) -> How {
        let mut gate = self.gate();
        let how = gate.how;
        if how != How::Open {
            gate.how = How::Cut;
        }
        how
    }

    /// The page that is held back, as soon as there is one.
    pub(crate) async fn held(&self) -> HeldPage {
        loop {
            let noticed = self.is_held.notified();
            if let Some(held) = self.gate().held.take() {
                return held;
            }
            noticed.await;
        }
    }
}

fn cut() -> Status {
    Status::unavailable("the line is cut")
}

/// Says who calls, as the server's gate does, and hands what is of the sync to the line.
async fn who(State(line): State<Arc<Line>>, mut request: HttpRequest, next: Next) -> HttpResponse {
    let token = request.headers().get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(token) = token.and_then(|value| value.strip_prefix("Bearer ")) {
        match authenticate(&line.app, token).await {
            Ok(caller) => drop(request.extensions_mut().insert(caller)),
            Err(reason) => return Status::from(Error::new(reason)).into_http(),
        }
    }
    if !request.uri().path().starts_with("/osteon.sync.") {
        return next.run(request).await;
    }
    match SyncServiceServer::from_arc(line).call(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

fn at_head(message: &Message) -> bool {
    use pb::pull_response::Event;
    matches!(message, Ok(pb::PullResponse { event: Some(Event::Page(page)), .. }) if page.at_head)
}

fn caller<T>(request: &Request<T>) -> Result<Caller, Status> {
    request.extensions().get::<Caller>().copied().ok_or_else(|| Status::unauthenticated("no token"))
}

#[tonic::async_trait]
impl SyncService for Line {
    async fn hello(&self, request: Request<pb::HelloRequest>) -> Result<Response<pb::HelloResponse>, Status> {
        let caller = caller(&request)?;
        Ok(Response::new(hello::hello(&self.app, &caller, request.into_inner()).await?))
    }

    async fn push(&self, request: Request<pb::PushRequest>) -> Result<Response<pb::PushResponse>, Status> {
        let caller = caller(&request)?;
        let how = self.next();
        if how == How::Cut {
            return Err(cut());
        }
        let answer = push::push(&self.app, &caller, request.into_inner(), 0).await?;
        if how == How::Lost { Err(cut()) } else { Ok(Response::new(answer)) }
    }

    type PullStream = Pin<Box<dyn Stream<Item = Message> + Send>>;

    async fn pull(&self, request: Request<pb::PullRequest>) -> Result<Response<Self::PullStream>, Status> {
        let caller = caller(&request)?;
        let request = pb::PullRequest { page_size: PAGE, ..request.into_inner() };
        let anew = request.positions.iter().any(|position| position.cursor.is_empty());
        self.gate().from_the_beginning += u32::from(anew);
        let asked = stream::asked(&self.app, &caller, request).await?;
        let how = self.next();
        if how == How::Cut {
            return Err(cut());
        }
        let mut pages = stream::open(Arc::clone(&self.app), caller, asked).await?;
        let pages: Self::PullStream = match how {
            How::Open => Box::pin(pages),
            How::Lost => {
                pages.next().await;
                return Err(cut());
            }
            How::Held => {
                let message = pages.next().await.ok_or_else(cut)?;
                let (way, arrives) = mpsc::channel(1);
                self.gate().held = Some(HeldPage { message, way });
                self.is_held.notify_waiters();
                Box::pin(tokio_stream::wrappers::ReceiverStream::new(arrives))
            }
            How::Once | How::Cut => {
                let first = pages.next().await.ok_or_else(cut)?;
                let end = if at_head(&first) { None } else { Some(Err(cut())) };
                Box::pin(tokio_stream::iter([Some(first), end].into_iter().flatten()))
            }
        };
        Ok(Response::new(pages))
    }

    async fn rebase(&self, _: Request<pb::RebaseRequest>) -> Result<Response<pb::RebaseResponse>, Status> {
        Err(Status::unimplemented("nobody used this phone's numbers"))
    }

    async fn offer(&self, _: Request<pb::OfferRequest>) -> Result<Response<pb::OfferResponse>, Status> {
        Err(Status::unimplemented("the server has lost nothing"))
    }

    async fn list_feed(&self, _: Request<pb::ListFeedRequest>) -> Result<Response<pb::ListFeedResponse>, Status> {
        Err(Status::unimplemented("no phone asks"))
    }
}
