internal import FiberInspection

/// The memory of a traced process as it is now, read through whichever of its threads is alive.
package final class LiveMemory: MemoryReader {
  /// A thread of the process that is not gone.
  package var thread: Int32

  package init(thread: Int32) { self.thread = thread }

  package func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    unsafe ProcessMemory(thread: thread).read(at: address, into: buffer)
  }
}
