// Stubs: signatures of the Android platform, for the compiler alone.

package android.security.keystore

import java.security.spec.AlgorithmParameterSpec

object KeyProperties {
    const val PURPOSE_ENCRYPT = 1
    const val PURPOSE_DECRYPT = 2
    const val KEY_ALGORITHM_AES = "AES"
    const val BLOCK_MODE_GCM = "GCM"
    const val ENCRYPTION_PADDING_NONE = "NoPadding"
}

@Suppress("UNUSED_PARAMETER")
class KeyGenParameterSpec private constructor() : AlgorithmParameterSpec {
    class Builder(keystoreAlias: String, purposes: Int) {
        fun setBlockModes(vararg modes: String) = this
        fun setEncryptionPaddings(vararg paddings: String) = this
        fun setKeySize(bits: Int) = this
        fun setUnlockedDeviceRequired(required: Boolean) = this
        fun build(): KeyGenParameterSpec = error("a stub of the platform")
    }
}
