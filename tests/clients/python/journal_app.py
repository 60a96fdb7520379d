"""A small journal app over the generated binding: what docs/mobile-guide.md builds, step by step.

Arguments: folder, server (https://host:port), ca.pem, circle, the patient's code, the physiotherapist's code.
Prints one line per step; ends with "done".
"""

import asyncio
import pathlib
import secrets
import sys
import time

import osteon_mobile as osteon


class Heard(osteon.Listener):
    """Keeps what it heard. One that fails is the app's own affair: the phone goes on."""

    def __init__(self, fails=False):
        self.events, self.fails = [], fails

    def on_event(self, event):
        self.events.append(event)
        if self.fails:
            raise RuntimeError("an app's bug: what a person wrote must not travel along")


class Pains(osteon.RecordsObserver):
    def __init__(self):
        self.lists = asyncio.Queue()
        self.loop = asyncio.get_running_loop()

    def on_records(self, records):
        self.loop.call_soon_threadsafe(self.lists.put_nowait, records)


def now():
    seconds = int(time.time())
    return osteon.Moment(at=osteon.Timestamp(seconds=seconds), utc_offset_min=60, zone=None)


async def phone(folder, invite, server, ca, circle, name):
    # An app keeps these 32 bytes in the platform's key store.
    key = secrets.token_bytes(32)
    opened = await osteon.Phone.open(str(folder), key)
    await opened.enrol(
        osteon.Invite(code=invite, circle=circle, server=server, ca_pem=pathlib.Path(ca).read_bytes(), device_name=name)
    )
    return opened, key


class Counts(osteon.CountObserver):
    def __init__(self):
        self.counts, self.loop = asyncio.Queue(), asyncio.get_running_loop()

    def on_count(self, count):
        self.loop.call_soon_threadsafe(self.counts.put_nowait, count)


# The smallest picture: eight bytes of a PNG's head, and what no reader looks at.
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(64)


async def the_rest(patient, physio, circle, pain):
    """Receipts, timeline, search, a photo, a thread, who sees what, how many."""
    counts = Counts()
    watch = await patient.watch_count(circle, osteon.record_type("diary_note"), counts)
    assert await asyncio.wait_for(counts.counts.get(), 10) == 0
    note = osteon.DiaryNote(text="The garden gate was heavy", effective_start=now())
    note = await patient.create(circle, osteon.Record.DIARY_NOTE(note), 2, "")
    assert await asyncio.wait_for(counts.counts.get(), 10) == 1
    watch.stop()
    assert [hit.record_id for hit in await patient.find(circle, "gate")] == [note.record_id]
    mouth = await patient.create(circle, osteon.Record.MOUTH_CHECK(osteon.MouthCheck(effective_start=now())), 0, "")
    await patient.attach(circle, mouth.record_id, PHOTO, "")
    named = await patient.attachments(circle, mouth.record_id)
    assert [(one.here, one.unsent) for one in named] == [(True, True)]
    waits = {one.record_id: one.reached for one in await patient.receipts(circle)}
    assert waits[pain.record_id] and not waits[note.record_id], waits
    await patient.sync(None)
    assert all(one.reached for one in await patient.receipts(circle))
    photos = await patient.fetch_attachments(circle, mouth.record_id)
    assert [(one.bytes, one.media_type) for one in photos] == [(PHOTO, "image/png")]
    ms = int(time.time() * 1000)
    happened = await patient.timeline(circle, ms - 3_600_000, ms + 3_600_000, None)
    assert {pain.record_id, note.record_id} <= {one.record.record_id for one in happened}
    history = await patient.history(circle, pain.record_id)
    assert [one.value.content.worst_24h for one in history if one.field == "worst_24h"] == [8]
    members = await patient.readers(circle)
    assert sorted(one.role for one in members) == ["patient", "physiotherapist"], members
    asked = osteon.NewThread(
        title="Stairs", accounts=[one.account for one in members if one.role != "patient"], everybody=False,
        about_record=None, about_field=None, text="May I carry the shopping?",
    )
    thread = await patient.start_thread(circle, asked)
    await patient.sync(None)
    await physio.sync(None)
    await physio.say(circle, thread.record_id, "Not yet")
    await physio.sync(None)
    await patient.sync(None)
    said = [one.text for one in (await patient.threads(circle))[0].messages]
    assert said == ["May I carry the shopping?", "Not yet"], said
    assert await patient.drafts(circle) == [] and await patient.erasure_requests(circle) == []
    try:
        await patient.drop_draft(circle, "1.2.3")
        raise SystemExit("threw away what is not there")
    except osteon.PhoneError.Argument as error:
        assert error.path == "change"


async def main(folder, server, ca, short_id, patient_code, physio_code):
    folder = pathlib.Path(folder)
    patient, key = await phone(folder / "patient", patient_code, server, ca, short_id, "Python")
    physio, _ = await phone(folder / "physio", physio_code, server, ca, short_id, "Python")
    circle = (await patient.circles())[0].circle
    print("enrolled", (await patient.circles())[0].role, flush=True)

    # Typed errors, with a reason for programs and a text for people.
    try:
        await patient.enrol(osteon.Invite(code="AAAA1111", circle=short_id, server=server, ca_pem=b"", device_name=""))
        raise SystemExit("enrolled twice")
    except osteon.PhoneError.AlreadyEnrolled as error:
        assert str(error), "a text for the person"

    # Offline: everything is kept, and warnings need no network.
    await patient.set_offline(True)
    pains = Pains()
    watch = await patient.watch(circle, osteon.record_type("pain_entry"), pains)
    assert await pains.lists.get() == [], "nothing yet"
    pain = osteon.PainEntry(
        effective_start=now(), worst_24h=8, site=["lumbar"], new_or_worse=True, source=osteon.Source.MANUAL()
    )
    saved = await patient.create(circle, osteon.Record.PAIN_ENTRY(pain), 0, "")
    listed = await asyncio.wait_for(pains.lists.get(), 10)
    assert [one.record_id for one in listed] == [saved.record_id] and listed[0].unsent
    assert listed[0].record.content.worst_24h == 8
    weak = osteon.SymptomEntry(effective_start=now(), red_flags=["limb_weakness"], new_or_worse=True)
    weak = await patient.create(circle, osteon.Record.SYMPTOM_ENTRY(weak), 0, "")
    found = await patient.warnings_of(circle, weak.record_id, 60)
    print("warned", found.warnings[0].rule, found.warnings[0].urgency.name, flush=True)
    try:
        await patient.sync(None)
        raise SystemExit("synced offline")
    except osteon.PhoneError.Offline:
        pass
    try:
        bad = osteon.PainEntry(effective_start=now(), worst_24h=11)
        await patient.create(circle, osteon.Record.PAIN_ENTRY(bad), 0, "")
        raise SystemExit("wrote an eleven of ten")
    except osteon.PhoneError.Refused as refused:
        assert (refused.reason, refused.path) == ("OUT_OF_RANGE", "pain_entry.worst_24h"), refused
    status = await patient.status()
    assert (status.to_send, status.last_sent_ms) == (2, 0), status

    # Online again: an observer that fails costs nothing.
    await patient.set_offline(False)
    heard = Heard(fails=True)
    await patient.sync(heard)
    assert any(event.is_UP_TO_DATE() for event in heard.events), heard.events
    status = await patient.status()
    assert status.to_send == 0 and status.last_sent_ms > 0
    sent = await asyncio.wait_for(pains.lists.get(), 10)
    assert not sent[0].unsent
    # What became of each save is kept until the app was told.
    outcomes = await patient.outcomes()
    assert [one.outcome.is_ACCEPTED() for one in outcomes] == [True, True], outcomes
    await patient.outcomes_told(outcomes[-1].n)
    assert await patient.outcomes() == []
    watch.stop()

    # Whoever stops waiting stops waiting; the step ends by itself.
    waiting = asyncio.create_task(patient.sync(None))
    await asyncio.sleep(0)
    waiting.cancel()
    try:
        await waiting
    except asyncio.CancelledError:
        pass
    await patient.sync(None)

    # One plan, written by one, read live by the other.
    plan = osteon.Record.EXERCISE_PLAN(osteon.ExercisePlan(max_minutes_session=40, no_load_regions=["proximal_femur"]))
    await physio.sync(None)
    plan = await physio.create(circle, plan, 0, "")
    live_heard = Heard()
    live = await patient.live(live_heard)
    plans = Pains()
    plan_watch = await patient.watch(circle, osteon.record_type("exercise_plan"), plans)
    await physio.sync(None)
    while True:
        seen = await asyncio.wait_for(plans.lists.get(), 20)
        if seen:
            break
    assert seen[0].record.content.max_minutes_session == 40
    # Two edit apart: what each was shown is what their save names.
    one, other = await physio.edit(circle, plan.record_id), await physio.edit(circle, plan.record_id)
    less, more = osteon.ExercisePlan(max_minutes_session=20), osteon.ExercisePlan(max_minutes_session=50)
    try:
        await other.save(osteon.Record.EXERCISE_PLAN(more), ["max_minutes_session"], "")
        raise SystemExit("a limit was loosened without a reason")
    except osteon.PhoneError.Refused as refused:
        assert refused.reason == "REASON_REQUIRED", refused
    await one.save(osteon.Record.EXERCISE_PLAN(less), ["max_minutes_session"], "")
    await other.save(osteon.Record.EXERCISE_PLAN(more), ["max_minutes_session"], "walks well")
    await physio.sync(None)
    view = await physio.record(circle, plan.record_id)
    field = next(field for field in view.fields if field.name == "max_minutes_session")
    assert view.record.content.max_minutes_session == 20, "the more careful of the two"
    assert [one.record_id for one in await physio.disputes(circle)] == [plan.record_id]
    # What its owner may not write an app greys out.
    assert field.may_write and view.may_end
    patients = (await patient.record(circle, plan.record_id)).fields
    assert not any(field.may_write for field in patients if field.name == "max_minutes_session")
    print("versions", len(field.versions), field.needs_review, flush=True)
    # A set: one element comes, one goes.
    form = await physio.edit(circle, plan.record_id)
    regions = osteon.ExercisePlan(no_load_regions=["thoracic"])
    await form.save(osteon.Record.EXERCISE_PLAN(regions), ["no_load_regions"], "healed, but the back hurts")
    view = await physio.record(circle, plan.record_id)
    assert view.record.content.no_load_regions == ["thoracic"], view.record.content.no_load_regions
    form = await physio.edit(circle, plan.record_id)
    await form.decide(osteon.Record.EXERCISE_PLAN(less), ["max_minutes_session"], "both seen")
    await physio.sync(None)
    while seen[0].record.content.max_minutes_session != 20:
        seen = await asyncio.wait_for(plans.lists.get(), 20)
    print("decided", flush=True)
    plan_watch.stop()
    live.stop()

    await the_rest(patient, physio, circle, saved)

    # A mistake stays to be seen, and counts no more.
    form = await patient.edit(circle, saved.record_id)
    await form.mark_as_mistake("the wrong day")
    assert await patient.count(circle, osteon.record_type("pain_entry")) == 0
    assert not (await patient.record(circle, saved.record_id)).active

    # No other key opens this phone, and nothing of it lies beside it.
    assert not (folder / "patient" / "phone.key").exists()
    try:
        other = await osteon.Phone.open(str(folder / "patient"), secrets.token_bytes(32))
        await other.status()
        raise SystemExit("opened with another key")
    except osteon.PhoneError.Storage:
        pass
    again = await osteon.Phone.open(str(folder / "patient"), key)
    assert (await again.status()).to_send == 1
    print("done", flush=True)


asyncio.run(main(*sys.argv[1:]))
