public import CFiberAsm

/// What keeps Swift's records of open accesses apart, those of a movable fiber from those of the threads it runs on.
///
/// Swift checks at run time that nobody else touches a class's property or a captured variable while it is accessed `inout`. It
/// keeps a record of each such access on the stack, in a list whose head is a thread-local variable. A fiber that
/// suspends inside an access leaves its record in the list of that thread; resumed on another it would look for it there in
/// vain, and crash in `swift_endAccess`.
///
/// Tasks have the same problem, and Swift's runtime exports its solution (stdlib/public/runtime/ConcurrencyExclusivity.inc):
/// what a task begins is taken off the thread's list when the task leaves it and put back, before the thread's own, when it
/// returns. A movable fiber does as a task does. A bound fiber always runs in the same list, and goes without.
///
/// Two calls of the runtime cost more than the switch, 11 ns, and they do nothing where there is no access on either side. So
/// each thread finds out where its list begins, and they are made where there is something to move.
@usableFromInline
struct ExclusivityFence {
  /// The first and the last record of the fiber's while it is off its thread; while it runs, the first of the thread's own and
  /// 0. Zeros mean none.
  @usableFromInline var first: UInt = 0
  @usableFromInline var last: UInt = 0

  @usableFromInline
  init() {}

  /// Either call would change something, as far as is known: `first` is not 0, or the thread's list is not empty.
  @inlinable @inline(__always)
  var isNeeded: Bool {
    unsafe first | UInt(ft_thread_access_list().pointee) != 0
  }

  /// Before the fiber runs.
  @inlinable @inline(__always)
  mutating func enter() {
    if isNeeded { moveIn() }
  }

  /// After it ran, on the same thread.
  @inlinable @inline(__always)
  mutating func exit() {
    if isNeeded { unsafe exitThreadLocalContext(&self) }
  }

  @usableFromInline @inline(never)
  mutating func moveIn() {
    if ft_thread_access_list_is_unsought() != 0 {
      // The thread's first movable fiber. It may never have had another, which would have made it known.
      ft_thread_claim_number()
      Self.findList()
    }
    unsafe enterThreadLocalContext(&self)
  }

  /// Finds the head of this thread's list: the variable that has the address of a record while that is the first.
  @inline(never)
  private static func findList() {
    // A record has three words. The third leads to the next, and is all that the runtime looks at here.
    var record: (UInt, UInt, UInt) = (0, 0, 0)
    let list = unsafe withUnsafeMutablePointer(to: &record) { record -> UnsafePointer<UInt64>? in
      let address = UInt(bitPattern: record)
      var fence = ExclusivityFence()
      fence.first = address
      fence.last = address
      unsafe enterThreadLocalContext(&fence)
      let word = unsafe ft_thread_local_word(UInt64(address))
      unsafe exitThreadLocalContext(&fence)
      // A word that still has it had it for another reason.
      guard let word = unsafe word, unsafe word.pointee != UInt64(address) else { return nil }
      return unsafe word
    }
    unsafe ft_thread_set_access_list(list)
  }
}

@_silgen_name("swift_task_enterThreadLocalContext")
private func enterThreadLocalContext(_ fence: UnsafeMutablePointer<ExclusivityFence>)

@_silgen_name("swift_task_exitThreadLocalContext") @usableFromInline
func exitThreadLocalContext(_ fence: UnsafeMutablePointer<ExclusivityFence>)
