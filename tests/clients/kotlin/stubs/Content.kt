// Stub: signatures of the Android platform, for the compiler alone.

package android.content

import java.io.File

abstract class Context {
    abstract val filesDir: File
}
