// What the journal app hears with, and what it says of errors.

package journal

import java.util.concurrent.CopyOnWriteArrayList
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.withTimeout
import uniffi.osteon_mobile.*

/** Keeps what it heard. One that fails is the app's own affair: the phone goes on. */
class Heard(private val fails: Boolean = false) : Listener {
    val events = CopyOnWriteArrayList<Event>()

    override fun onEvent(event: Event) {
        events += event
        check(!fails) { "an app's bug: what a person wrote must not travel along" }
    }
}

class Lists : RecordsObserver {
    private val lists = Channel<List<RecordView>>(Channel.UNLIMITED)

    override fun onRecords(records: List<RecordView>) {
        lists.trySend(records)
    }

    suspend fun next() = withTimeout(20_000) { lists.receive() }
}

/** The text for the person; `message` is for logs. */
fun words(error: PhoneException) = when (error) {
    is PhoneException.NotEnrolled -> error.text
    is PhoneException.AlreadyEnrolled -> error.text
    is PhoneException.Offline -> error.text
    is PhoneException.Refused -> error.text
    is PhoneException.Server -> error.text
    is PhoneException.SignIn -> error.text
    is PhoneException.NotHere -> error.text
    is PhoneException.Argument -> error.text
    is PhoneException.Outdated -> error.text
    is PhoneException.DraftsWait -> error.text
    is PhoneException.Erased -> error.text
    is PhoneException.Storage -> error.text
}

/** What a step fails with. One that does not fail, or with no text for a person, is a fault. */
suspend inline fun <reified E : PhoneException> failure(of: String, step: suspend () -> Unit): E {
    try {
        step()
    } catch (error: PhoneException) {
        check(error is E) { "$of: ${error.javaClass.simpleName}" }
        check(words(error).endsWith(".") && "text=" !in words(error)) { "$of: no text for a person" }
        return error
    }
    error("$of did not fail")
}
