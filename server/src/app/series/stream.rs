//! Series as a connection takes them: nothing is kept for a reader who does not read.

use std::{sync::Arc, time::Duration};

use osteon_proto::timeline::{self as pb, get_series_response::Part};
use tokio::sync::mpsc;
use tonic::Status;

use super::{Asked, Window, read, told};
use crate::{
    access::Caller,
    app::{
        App,
        enrol::timestamp,
        stream::{Told, ended},
    },
    audit::current,
    error::Error,
    limits,
    live::{Listener, Subscription},
};

/// What was read is given up after a reader took nothing for so long; it is read again when they go on.
const STALE_AFTER: Duration = Duration::from_millis(50);

type Answer = Result<pb::GetSeriesResponse, Status>;

/// Checks what is asked for and reads its first days; the rest follows as it is taken.
pub async fn open(
    app: Arc<App>,
    caller: Caller,
    request: &pb::GetSeriesRequest,
) -> Result<Told<pb::GetSeriesResponse>, Error> {
    let asked = Asked::of(request)?;
    let who = Listener { family: caller.family, account: caller.account, clinic: caller.clinic };
    let attending = app.hub.attend(who)?;
    let ending = attending.ending();
    let (out, messages) = mpsc::channel(limits::PAGES_AHEAD.usize());
    let mut telling = Telling { app, caller, asked, out, attending, points: 0, entries: 0 };
    let first = telling.read(telling.asked.from).await?;
    let streams = telling.app.streams.clone();
    streams.spawn(current::carry(async move {
        if let Err(error) = telling.tell(first).await {
            let _ = telling.out.send(Err(error.into())).await;
        }
    }));
    Ok(Told::new(messages, ending))
}

struct Telling {
    app: Arc<App>,
    caller: Caller,
    asked: Asked,
    out: mpsc::Sender<Answer>,
    attending: Subscription,
    points: u64,
    entries: u64,
}

impl Telling {
    /// Reads on from a day. Audited before anything of it leaves.
    async fn read(&self, from: osteon_care_core::Day) -> Result<Window, Error> {
        let days = limits::SERIES_READ_DAYS.u32().cast_signed();
        let span = (from, self.asked.to.min(from.plus(days - 1)));
        let window = read(&self.app, &self.caller, &self.asked, span).await?;
        let (categories, records) = window.told();
        let (caller, circle) = (&self.caller, self.asked.circle);
        self.app.note_list(caller, circle, "series.get", categories, records, window.behind_glass).await?;
        Ok(window)
    }

    async fn tell(&mut self, first: Window) -> Result<(), Error> {
        let head = told::head(&self.asked, &first);
        let mut held = Some(first);
        let mut next = self.asked.from;
        let mut days = limits::SERIES_PAGE_DAYS.u32().cast_signed();
        let Some(room) = self.room(&mut held).await? else { return Ok(()) };
        room.send(Ok(response(Part::Head(head))));
        while next <= self.asked.to {
            let Some(room) = self.room(&mut held).await? else { return Ok(()) };
            let still =
                held.take().filter(|window| next <= window.span.1 && window.holds(&self.app, self.asked.circle));
            let window = match still {
                Some(window) => window,
                None => self.read(next).await?,
            };
            let (message, to) = window.message(&self.asked, next, &mut days);
            let points = message.lanes.iter().flat_map(|lane| &lane.points);
            self.points += points.clone().count() as u64;
            self.entries += points.map(|point| u64::from(point.count)).sum::<u64>();
            room.send(Ok(response(Part::Days(message))));
            next = to.plus(1);
            held = Some(window);
        }
        drop(held);
        let Some(room) = self.room(&mut None).await? else { return Ok(()) };
        let (points, entries, at) = (self.points, self.entries, Some(timestamp(self.app.now_ms())));
        room.send(Ok(response(Part::End(pb::SeriesEnd { points, entries, at }))));
        Ok(())
    }

    /// A place for one message; none: the reader has gone. What was read is given up where they let it wait.
    async fn room(&self, held: &mut Option<Window>) -> Result<Option<mpsc::OwnedPermit<Answer>>, Error> {
        let room = match tokio::time::timeout(STALE_AFTER, self.out.clone().reserve_owned()).await {
            Ok(room) => room,
            Err(_) => {
                held.take();
                self.out.clone().reserve_owned().await
            }
        };
        // A server that goes down answers nobody half.
        match self.attending.ending().closed() {
            Some(closed) => Err(ended(closed)),
            None => Ok(room.ok()),
        }
    }
}

fn response(part: Part) -> pb::GetSeriesResponse {
    pb::GetSeriesResponse { part: Some(part) }
}
