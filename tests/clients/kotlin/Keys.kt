// The key of the phone's data, and the one phone of a program.

package journal

import java.io.File
import java.io.FileOutputStream
import java.security.SecureRandom
import javax.crypto.Cipher
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import uniffi.osteon_mobile.Phone

const val NONCE_BYTES = 12

/** 32 random bytes, made once and kept in a file that `wrapping` alone opens. */
fun keyOf(file: File, wrapping: SecretKey): ByteArray {
    val cipher = Cipher.getInstance("AES/GCM/NoPadding")
    if (file.exists()) {
        val kept = file.readBytes()
        cipher.init(Cipher.DECRYPT_MODE, wrapping, GCMParameterSpec(128, kept, 0, NONCE_BYTES))
        return cipher.doFinal(kept, NONCE_BYTES, kept.size - NONCE_BYTES)
    }
    val key = ByteArray(32).also(SecureRandom()::nextBytes)
    cipher.init(Cipher.ENCRYPT_MODE, wrapping)
    // Whole and on disk before anything is written with it: data whose key is lost is lost.
    val part = File("$file.part")
    FileOutputStream(part).use {
        it.write(cipher.iv + cipher.doFinal(key))
        it.fd.sync()
    }
    check(part.renameTo(file)) { "the key cannot be kept" }
    return key
}

/** One phone for the whole program, opened when it is asked for first. */
class OnePhone(private val filesDir: File, private val wrapping: () -> SecretKey) {
    private val opening = Mutex()
    private var phone: Phone? = null

    suspend fun get(): Phone = opening.withLock {
        phone?.let { return it }
        val key = keyOf(filesDir.resolve("osteon.key"), wrapping())
        Phone.open(filesDir.resolve("osteon").path, key).also { phone = it }
    }
}
