// A small journal app over the generated binding: what docs/mobile-guide.md builds, step by step.
//
// Arguments: folder, server (https://host:port), ca.pem, circle, the patient's code, the physiotherapist's code.
// Prints one line per step; ends with "done".

import Foundation

struct Fault: Error { let text: String }

func check(_ holds: Bool, _ text: String) throws {
    if !holds { throw Fault(text: text) }
}

/// Keeps what it heard. One that fails is the app's own affair: the phone goes on.
final class Heard: Listener, @unchecked Sendable {
    private let lock = NSLock()
    private var heard: [Event] = []
    private let fails: Bool

    init(fails: Bool = false) { self.fails = fails }

    var upToDate: Bool {
        lock.withLock { heard.contains { if case .upToDate = $0 { true } else { false } } }
    }

    func onEvent(event: Event) throws {
        lock.withLock { heard.append(event) }
        if fails { throw Fault(text: "an app's bug: what a person wrote must not travel along") }
    }
}

final class Lists: RecordsObserver {
    private let (stream, tell) = AsyncStream.makeStream(of: [RecordView].self)

    func onRecords(records: [RecordView]) throws { tell.yield(records) }

    func next() async throws -> [RecordView] {
        for await list in stream { return list }
        throw Fault(text: "no list")
    }
}

func now() -> Moment {
    Moment(at: Timestamp(seconds: Int64(Date().timeIntervalSince1970)), utcOffsetMin: 60)
}

/// The error that a step ends with; one that does not fail is a fault.
func failure(_ of: String, _ step: () async throws -> Void) async throws -> PhoneError {
    do { try await step() } catch let error as PhoneError { return error }
    throw Fault(text: "\(of) did not fail")
}

func opened(_ folder: URL) async throws -> Phone {
    var random = SystemRandomNumberGenerator()
    // An app keeps these 32 bytes in the Keychain.
    let key = Data((0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
    let phone = try await Phone.open(folder: folder.path, key: key)
    return phone
}

/// Everything is kept, and warnings need no network.
func offline(_ phone: Phone, _ circle: UInt64, _ pains: Lists) async throws -> String {
    try await phone.setOffline(offline: true)
    try check(try await pains.next().isEmpty, "nothing yet")
    let pain = PainEntry(effectiveStart: now(), source: .manual, worst24h: 8, site: ["lumbar"], newOrWorse: true)
    let saved = try await phone.create(circle: circle, record: .painEntry(content: pain), labelChoice: 0, reason: "")
    let listed = try await pains.next()
    try check(listed.map(\.recordId) == [saved.recordId] && listed[0].unsent, "listed")
    try check(listed[0].record == .painEntry(content: pain), "what was read is what was written")

    let weak = SymptomEntry(effectiveStart: now(), redFlags: ["limb_weakness"], newOrWorse: true)
    let symptom = try await phone.create(circle: circle, record: .symptomEntry(content: weak), labelChoice: 0, reason: "")
    let found = try await phone.warningsOf(circle: circle, recordId: symptom.recordId, utcOffsetMin: 60)
    for warning in found.warnings where warning.urgency == .emergency { print("warned", warning.rule, warning.urgency) }

    let error = try await failure("a sync offline") { try await phone.sync(listener: nil) }
    guard case .Offline = error else { throw Fault(text: "offline") }
    var bad = pain
    bad.worst24h = 11
    let refused = try await failure("an eleven of ten") {
        _ = try await phone.create(circle: circle, record: .painEntry(content: bad), labelChoice: 0, reason: "")
    }
    guard case .Refused(let reason, let path, let text) = refused else { throw Fault(text: "refused") }
    try check(text.hasSuffix("."), "a text for the person")
    print("refused", reason, path)
    try check(try await phone.status().toSend == 2, "two wait")
    return saved.recordId
}

/// An observer that fails costs nothing; what became of each save is kept until the app was told.
func online(_ phone: Phone, _ pains: Lists) async throws {
    try await phone.setOffline(offline: false)
    let heard = Heard(fails: true)
    try await phone.sync(listener: heard)
    try check(heard.upToDate, "up to date")
    try check(try await phone.status().toSend == 0, "nothing waits")
    try check(try await pains.next().allSatisfy { !$0.unsent }, "sent")
    let outcomes = try await phone.outcomes()
    try check(outcomes.map(\.outcome) == [.accepted, .accepted], "accepted")
    try await phone.outcomesTold(upTo: outcomes[1].n)
    print("sent", outcomes.count)
}

func minutes(_ view: RecordView) -> UInt32? {
    if case .exercisePlan(let plan) = view.record { plan.maxMinutesSession } else { nil }
}

/// One plan, written by one, read live by the other, and changed by two at once.
func plans(_ patient: Phone, _ physio: Phone, _ circle: UInt64) async throws {
    try await physio.sync(listener: nil)
    func limit(_ minutes: UInt32) -> Record { .exercisePlan(content: ExercisePlan(maxMinutesSession: minutes)) }
    let plan = try await physio.create(circle: circle, record: limit(40), labelChoice: 0, reason: "")
    let plans = Lists()
    let live = try await patient.live(listener: Heard())
    let watch = try await patient.watch(circle: circle, typeNumber: recordType(name: "exercise_plan"), observer: plans)
    try await physio.sync(listener: nil)
    while try await plans.next().first.map(minutes) != 40 {}

    let one = try await physio.edit(circle: circle, recordId: plan.recordId)
    let other = try await physio.edit(circle: circle, recordId: plan.recordId)
    let loosened = try await failure("a limit loosened without a reason") {
        _ = try await other.save(record: limit(50), fields: ["max_minutes_session"], reason: "")
    }
    guard case .Refused("REASON_REQUIRED", _, _) = loosened else { throw Fault(text: "\(loosened)") }
    _ = try await one.save(record: limit(20), fields: ["max_minutes_session"], reason: "")
    _ = try await other.save(record: limit(50), fields: ["max_minutes_session"], reason: "walks well")
    try await physio.sync(listener: nil)
    let view = try await physio.record(circle: circle, recordId: plan.recordId)
    try check(minutes(view) == 20, "the more careful of the two")
    let field = view.fields.first { $0.name == "max_minutes_session" }
    print("versions", field?.versions.count ?? 0, field?.needsReview ?? false)
    let form = try await physio.edit(circle: circle, recordId: plan.recordId)
    _ = try await form.decide(record: limit(20), fields: ["max_minutes_session"], reason: "both seen")
    try await physio.sync(listener: nil)
    while try await plans.next().first.map(minutes) != 20 {}
    print("decided")
    watch.stop()
    live.stop()
}

@main
struct JournalApp {
    static func main() async throws {
        let arguments = CommandLine.arguments
        try check(arguments.count == 7, "six arguments")
        let (folder, server, circle) = (URL(fileURLWithPath: arguments[1]), arguments[2], arguments[4])
        let authority = try Data(contentsOf: URL(fileURLWithPath: arguments[3]))
        let phone = try await opened(folder.appendingPathComponent("patient"))
        let physio = try await opened(folder.appendingPathComponent("physio"))
        for (phone, code) in [(phone, arguments[5]), (physio, arguments[6])] {
            try await phone.enrol(invite: Invite(code: code, circle: circle, server: server, caPem: authority, deviceName: "iPhone"))
        }
        let own = try await phone.circles()[0]
        print("enrolled", own.role)

        let pains = Lists()
        let watch = try await phone.watch(circle: own.circle, typeNumber: recordType(name: "pain_entry"), observer: pains)
        let saved = try await offline(phone, own.circle, pains)
        try await online(phone, pains)
        watch.stop()
        try await plans(phone, physio, own.circle)
        _ = try await phone.edit(circle: own.circle, recordId: saved).markAsMistake(reason: "the wrong day")
        try check(try await phone.count(circle: own.circle, typeNumber: recordType(name: "pain_entry")) == 0, "struck out")
        let foreign = try await failure("another key") {
            let other = try await Phone.open(folder: folder.appendingPathComponent("patient").path, key: Data(count: 32))
            _ = try await other.status()
        }
        guard case .Storage = foreign else { throw Fault(text: "\(foreign)") }
        print("done")
    }
}
