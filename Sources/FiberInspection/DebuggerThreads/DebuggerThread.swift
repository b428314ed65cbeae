/// A thread as a debugger knows them: an id, a name, registers to start a walk from. Fibers are shown to debuggers as such.
package struct DebuggerThread: Sendable {
  /// What it stands for.
  package enum Subject: Sendable, Equatable {
    /// A thread of the process, by its index in the snapshot.
    case thread(index: Int)
    /// A fiber, and what it does.
    case fiber(FiberReference, FiberState)
  }

  /// Its id, unique in the process: a thread's own, or a number that no thread of Linux can have.
  package var id: Int32
  /// What it stands for.
  package var subject: Subject
  /// `fiber 3 producer`; a thread's own name, or the process's. Without control characters.
  package var name: String
  /// What it does, in the words of a dump; empty for a thread that nothing is to be said of.
  package var details: String
  /// Where a walk of it begins; a register that is not known with certainty is nil. Nil for a thread whose registers could not be
  /// read; a fiber always has them.
  package var registers: Registers?
}

extension DebuggerThread {
  /// The thread of the process whose whole set of registers is this one's: its own, or of the thread that runs the fiber.
  ///
  /// - Parameter snapshot: where it was made of.
  package func registerOwner(in snapshot: Snapshot) -> Int32? {
    switch subject {
    case .thread(let index): snapshot.threads[index].id
    case .fiber(_, .running(let thread)): thread
    case .fiber: nil
    }
  }
}
