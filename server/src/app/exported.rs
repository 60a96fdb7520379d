//! What leaves the screen, on paper or as a file: a row in the audit of each circle that it shows, before it leaves.

use std::collections::BTreeSet;

use osteon_access_core::{Action, Category, cell, decide};
use osteon_proto::{LabelId, audit as pb, meta, reasons::Reason};

use super::{App, enrol::timestamp, notes::looked, records::Session};
use crate::{
    access::{Caller, signed},
    error::Error,
    limits,
    store::{AuditRow, CircleNo},
};

/// Stable words for the audit.
fn action(kind: pb::ExportKind, page: pb::ExportPage) -> Option<&'static str> {
    use pb::{ExportKind as Kind, ExportPage as Page};
    Some(match (page, kind) {
        (Page::Unspecified, _) | (_, Kind::Unspecified) => return None,
        (Page::VisitSheet, Kind::Print) => "visit_sheet.print",
        (Page::VisitSheet, Kind::File) => "visit_sheet.export",
        (Page::HandOver, Kind::Print) => "hand_over.print",
        (Page::HandOver, Kind::File) => "hand_over.export",
        (Page::Patient, Kind::Print) => "patient_page.print",
        (Page::Patient, Kind::File) => "patient_page.export",
        (Page::Other, Kind::Print) => "page.print",
        (Page::Other, Kind::File) => "page.export",
    })
}

pub async fn record(
    app: &App,
    caller: &Caller,
    request: &pb::RecordExportRequest,
) -> Result<pb::RecordExportResponse, Error> {
    limits::CIRCLES_PER_ACCOUNT.check(request.other_circles.len())?;
    let wrong = |field| Error::field(field, Reason::ArgumentInvalid);
    let kind = pb::ExportKind::try_from(request.kind).unwrap_or_default();
    let page = pb::ExportPage::try_from(request.page).unwrap_or_default();
    let unknown = if kind == pb::ExportKind::Unspecified { "kind" } else { "page" };
    let action = action(kind, page).ok_or_else(|| wrong(unknown))?;
    let circles: BTreeSet<CircleNo> = request.other_circles.iter().copied().chain([request.circle]).collect();
    if circles.len() > 1 && request.as_of_sequence > 0 {
        return Err(wrong("as_of_sequence"));
    }
    let mut categories = 0;
    for (i, number) in request.categories.iter().enumerate() {
        let known = meta::Category::try_from(*number).is_ok_and(|one| one != meta::Category::Unspecified);
        categories |= if known { 1 << number } else { return Err(wrong(&format!("categories[{i}]"))) };
    }
    let mut rows = Vec::new();
    // Each is asked before any row is written: nobody has printed half of a page.
    for circle in circles {
        let session = app.session(caller, circle).await?;
        if request.as_of_sequence > session.snapshot.circle().head {
            return Err(wrong("as_of_sequence"));
        }
        let outcome = looked(session.scope.behind_glass());
        let categories = categories & seen_by(&session);
        let row = app.row(caller, circle, action);
        rows.push(AuditRow { categories, count: request.count, to_seq: request.as_of_sequence, outcome, ..row });
    }
    app.store.audit(rows).await?;
    Ok(pb::RecordExportResponse { at: Some(timestamp(app.now_ms())) })
}

/// The categories that the caller reads now, or the summary of: nobody prints what they cannot see.
fn seen_by(session: &Session) -> u32 {
    let (member, at_ms) = (&session.member, signed(session.now_ms));
    let may = |action: &Action| decide(at_ms, &member.viewer, &member.access.access, action).allowed();
    // Of their own threads, and of their own rows of the audit, everybody sees some.
    let reads = |one: &Category| {
        may(&Action::ReadLabel(LabelId(one.bit().0.into())))
            || may(&Action::ReadSummary(*one))
            || cell(*one, member.role()).own
    };
    Category::all().filter(reads).fold(0, |bits, one| bits | one.bit().0)
}
