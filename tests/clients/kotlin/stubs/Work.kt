// Stubs: signatures of androidx.work, for the compiler alone.

package androidx.work

import android.content.Context

class WorkerParameters

@Suppress("UNUSED_PARAMETER")
abstract class ListenableWorker(val applicationContext: Context, params: WorkerParameters) {
    abstract class Result {
        companion object {
            @JvmStatic fun success(): Result = error("a stub of the platform")
            @JvmStatic fun retry(): Result = error("a stub of the platform")
            @JvmStatic fun failure(): Result = error("a stub of the platform")
        }
    }
}

abstract class CoroutineWorker(context: Context, params: WorkerParameters) : ListenableWorker(context, params) {
    abstract suspend fun doWork(): Result
}
