// What the journal app has on Android alone. Compiled by the tests against signatures of the platform (stubs/), not run: there
// is no Android on the machines that run them.

package journal

import android.content.Context
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import androidx.work.CoroutineWorker
import androidx.work.WorkerParameters
import java.security.KeyStore
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import uniffi.osteon_mobile.PhoneException

/** The key that wraps the phone's: it never leaves the Keystore, and opens after the first unlock. */
fun wrappingKey(): SecretKey {
    val keys = KeyStore.getInstance("AndroidKeyStore").apply { load(null) }
    keys.getKey("osteon", null)?.let { return it as SecretKey }
    val spec = KeyGenParameterSpec.Builder("osteon", KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
        .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
        .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
        .setKeySize(256)
        .setUnlockedDeviceRequired(false)
        .build()
    return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, "AndroidKeyStore").apply { init(spec) }.generateKey()
}

private var ofApp: OnePhone? = null

/** The app's one phone, wherever it is asked for. */
@Synchronized
fun onePhone(context: Context) = ofApp ?: OnePhone(context.filesDir, ::wrappingKey).also { ofApp = it }

/** One sync in the background; what was cut off goes on next time. */
class CatchUp(context: Context, work: WorkerParameters) : CoroutineWorker(context, work) {
    override suspend fun doWork(): Result = try {
        val phone = onePhone(applicationContext).get()
        if (phone.catchUp(20_000u, null)) Result.success() else Result.retry()
    } catch (error: PhoneException) {
        val again = error is PhoneException.Offline || (error is PhoneException.Server && error.again)
        // What needs the person is said when the app is opened.
        if (again) Result.retry() else Result.failure()
    }
}
