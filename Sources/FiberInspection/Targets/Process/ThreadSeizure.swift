internal import CProcess
internal import Glibc

/// Takes every thread of a process that runs, for whoever steps it. Use it on the operating-system thread that steps.
package struct ThreadSeizure {
  /// Process id.
  package let process: Int32
  /// A thread whose entries in /proc stand for the process.
  package let thread: Int32
  private let target: ProcessTarget

  /// The process with this id.
  ///
  /// - Throws: why it cannot be traced.
  package init(process id: Int32) throws(InspectionError) {
    target = try ProcessTarget(id)
    process = target.process
    thread = target.thread
  }

  /// Seizes all threads with these options of ptrace and asks each to stop, which the next waits tell of.
  ///
  /// - Returns: the threads; threads that they start while it goes on are seized by the options that ask for it.
  /// - Throws: why not all could be seized. The kernel lets go of the others when the calling thread ends.
  package func seizeAll(options: UInt64) throws(InspectionError) -> [Int32] {
    var known: Set<Int32> = []
    var seized: [Int32] = []
    for _ in 0..<StoppedProcess.roundLimit {
      let new: [Int32]
      do throws(SystemError) {
        new = try ProcFile.numbers(in: "/proc/\(process)/task").filter { known.insert($0).inserted }
      } catch {
        throw target.failure(error, reading: "its list of threads")
      }
      if new.isEmpty { break }
      for thread in new where try seize(thread, options) { seized.append(thread) }
    }
    guard !seized.isEmpty else { throw target.exited }
    return seized
  }

  /// False if the thread has ended, or was seized with the one that started it.
  private func seize(_ thread: Int32, _ options: UInt64) throws(InspectionError) -> Bool {
    var tracer: Int32 = 0
    let error = StoppedProcess.take(thread, tracer: &tracer) { ft_ptrace_seize_with($0, options) }
    switch error {
    case 0: return ft_ptrace_interrupt(thread) == 0
    case ESRCH: return false
    default:
      guard let status = try? ProcessStatus(thread: thread), !status.isDead, status.tracer != getpid() else {
        return false
      }
      throw target.failure(SystemError(number: error), reading: "its list of threads", tracer: tracer)
    }
  }
}
