// A small journal app over the generated binding, on a JVM: what docs/mobile-guide.md builds, step by step.
//
// Arguments: folder, server (https://host:port), ca.pem, circle, the patient's code, the physiotherapist's code.
// Prints one line per step; ends with "done".

package journal

import java.io.File
import javax.crypto.KeyGenerator
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import uniffi.osteon_mobile.*

const val offsetMin = 60

fun now() = Moment(Timestamp(System.currentTimeMillis() / 1000), offsetMin)

class Clinic(private val server: String, private val authority: ByteArray, private val circle: String) {
    suspend fun enrol(phone: Phone, code: String) {
        phone.enrol(Invite(code, circle, server, authority, "Pixel"))
    }
}

/** Everything is kept, and warnings need no network. */
suspend fun offline(phone: Phone, circle: ULong, pains: Lists): String {
    phone.setOffline(true)
    check(pains.next().isEmpty()) { "nothing yet" }
    val pain = PainEntry(effectiveStart = now(), worst24h = 8u, site = listOf("lumbar"), newOrWorse = true, source = Source.Manual)
    val saved = phone.create(circle, Record.PainEntry(pain), 0u, "")
    val listed = pains.next().single()
    check(listed.recordId == saved.recordId && listed.unsent)
    val read = (listed.record as Record.PainEntry).content
    check(read == pain) { "what was read is what was written: $read" }

    val weak = SymptomEntry(effectiveStart = now(), redFlags = listOf("limb_weakness"), newOrWorse = true)
    val symptom = phone.create(circle, Record.SymptomEntry(weak), 0u, "")
    val found = phone.warningsOf(circle, symptom.recordId, offsetMin)
    for (warning in found.warnings.filter { it.urgency == Urgency.EMERGENCY }) println("warned ${warning.rule} ${warning.urgency}")

    failure<PhoneException.Offline>("a sync offline") { phone.sync(null) }
    val refused = failure<PhoneException.Refused>("an eleven of ten") {
        phone.create(circle, Record.PainEntry(pain.copy(worst24h = 11u)), 0u, "")
    }
    check(refused.reason == "OUT_OF_RANGE" && refused.path == "pain_entry.worst_24h") { refused }
    println("refused ${refused.reason} ${refused.path}")
    val status = phone.status()
    check(status.toSend == 2u && status.lastSentMs == 0uL && status.offline) { status }
    return saved.recordId
}

/** An observer that fails costs nothing; what became of each save is kept until the app was told. */
suspend fun online(phone: Phone, pains: Lists) {
    phone.setOffline(false)
    val heard = Heard(fails = true)
    phone.sync(heard)
    check(heard.events.any { it is Event.UpToDate }) { heard.events }
    val status = phone.status()
    check(status.toSend == 0u && status.lastSentMs > 0uL && status.reach == Reach.REACHED) { status }
    check(!pains.next().single().unsent)
    val outcomes = phone.outcomes()
    check(outcomes.map { it.outcome } == listOf(Outcome.Accepted, Outcome.Accepted)) { outcomes }
    phone.outcomesTold(outcomes.last().n)
    check(phone.outcomes().isEmpty())
    println("sent ${outcomes.size}")
}

/** Whoever stops waiting stops waiting; the step ends by itself. */
suspend fun cancelled(phone: Phone) = coroutineScope {
    val waiting = launch(start = CoroutineStart.UNDISPATCHED) { phone.sync(null) }
    waiting.cancel()
    waiting.join()
    check(waiting.isCancelled)
    phone.sync(null)
    check(phone.catchUp(20_000u, null)) { "all is here" }
}

fun minutes(view: RecordView) = (view.record as Record.ExercisePlan).content.maxMinutesSession

/** One plan, written by one, read live by the other, and changed by two at once. */
suspend fun plans(patient: Phone, physio: Phone, circle: ULong) {
    physio.sync(null)
    val first = ExercisePlan(maxMinutesSession = 40u, noLoadRegions = listOf("proximal_femur"))
    val plan = physio.create(circle, Record.ExercisePlan(first), 0u, "")
    val plans = Lists()
    val live = patient.live(Heard())
    val watch = patient.watch(circle, recordType("exercise_plan"), plans)
    physio.sync(null)
    var seen = plans.next()
    while (seen.isEmpty()) seen = plans.next()
    check(minutes(seen.single()) == 40u)

    // Two edit apart: what each was shown is what their save names.
    val (one, other) = listOf(physio.edit(circle, plan.recordId), physio.edit(circle, plan.recordId))
    val (less, more) = listOf(20u, 50u).map { Record.ExercisePlan(ExercisePlan(maxMinutesSession = it)) }
    val refused = failure<PhoneException.Refused>("a limit loosened without a reason") {
        other.save(more, listOf("max_minutes_session"), "")
    }
    check(refused.reason == "REASON_REQUIRED") { refused }
    one.save(less, listOf("max_minutes_session"), "")
    other.save(more, listOf("max_minutes_session"), "walks well")
    physio.sync(null)
    val view = physio.record(circle, plan.recordId)
    check(minutes(view) == 20u) { "the more careful of the two" }
    val field = view.fields.first { it.name == "max_minutes_session" }
    println("versions ${field.versions.size} ${field.needsReview}")

    // A set: one element comes, one goes.
    val regions = ExercisePlan(noLoadRegions = listOf("thoracic"))
    val form = physio.edit(circle, plan.recordId)
    form.save(Record.ExercisePlan(regions), listOf("no_load_regions"), "healed, but the back hurts")
    val now = (physio.record(circle, plan.recordId).record as Record.ExercisePlan).content
    check(now.noLoadRegions == listOf("thoracic")) { now }
    physio.edit(circle, plan.recordId).decide(less, listOf("max_minutes_session"), "both seen")
    physio.sync(null)
    while (minutes(seen.single()) != 20u) seen = plans.next()
    println("decided")
    watch.stop()
    live.stop()
}

/** A mistake stays to be seen, and counts no more. */
suspend fun mistake(phone: Phone, circle: ULong, recordId: String) {
    phone.edit(circle, recordId).markAsMistake("the wrong day")
    check(phone.count(circle, recordType("pain_entry")) == 0u)
    check(!phone.record(circle, recordId).active)
}

/** No other key opens this phone, and nothing of it lies beside it. */
suspend fun keys(filesDir: File, again: OnePhone) {
    val folder = filesDir.resolve("osteon")
    check(!folder.resolve("phone.key").exists())
    failure<PhoneException.Argument>("a short key") { Phone.open(folder.path, ByteArray(16)) }
    failure<PhoneException.Storage>("another key") { Phone.open(folder.path, ByteArray(32)).status() }
    check(again.get().status().toSend == 1u)
}

fun main(args: Array<String>) = runBlocking {
    val (folder, server, ca, shortId, patientCode) = args
    val physioCode = args[5]
    val clinic = Clinic(server, File(ca).readBytes(), shortId)
    // In the place of the Keystore's (android/Journal.kt).
    val wrapping = KeyGenerator.getInstance("AES").apply { init(256) }.generateKey()
    val (patientFiles, physioFiles) = listOf("patient", "physio").map { File(folder, it).apply { mkdirs() } }
    val one = OnePhone(patientFiles) { wrapping }
    val (phone, physio) = listOf(one.get(), OnePhone(physioFiles) { wrapping }.get())
    check(one.get() === phone)
    clinic.enrol(phone, patientCode)
    clinic.enrol(physio, physioCode)
    val (circle, _, role) = phone.circles().single()
    println("enrolled $role")
    failure<PhoneException.AlreadyEnrolled>("a second enrolment") { clinic.enrol(phone, "AAAA1111") }

    val pains = Lists()
    val watch = phone.watch(circle, recordType("pain_entry"), pains)
    val saved = offline(phone, circle, pains)
    online(phone, pains)
    watch.stop()
    cancelled(phone)
    plans(phone, physio, circle)
    mistake(phone, circle, saved)
    keys(patientFiles, OnePhone(patientFiles) { wrapping })
    println("done")
}
