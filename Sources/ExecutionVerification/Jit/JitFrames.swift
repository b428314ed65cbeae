package import CallFrameInfo
package import FiberInspection

/// Call frame information of code that is in no file: what a program registers with its unwinder (`__register_frame`), and what
/// it tells debuggers (gdb's JIT compilation interface).
///
/// The process is stopped whenever it is told of something. What is not told of stays unknown: frames that were registered before
/// the process was attached to are only in lists of libgcc that have no address to be found by.
package final class JitFrames {
  /// Most that is kept of call frame information, in bytes, and most that is read of an image.
  static let mostBytes = 1 << 28

  /// The process.
  package let memory: any MemoryReader
  /// Another number each time that rows came or went.
  package private(set) var version = 0
  /// What could not be read, one line each.
  package private(set) var problems: [Problem] = []

  /// Lines beyond so many say nothing new.
  private static let mostProblems = 64

  /// What the program's own unwinder goes by comes first: it may be all that exceptions work by.
  private var registered = JitCallFrames()
  private var debugged = JitCallFrames()
  /// By the address that was registered, or that of a `jit_code_entry`.
  private var registrations: [UInt64: Registration] = [:]
  private var entries: [UInt64: Registration] = [:]
  private var bytesLeft = mostBytes

  private struct Registration {
    var owners: [Int] = []
    var size = 0
  }

  /// - Parameter memory: the process's memory as it is at each call.
  package init(memory: any MemoryReader) { self.memory = memory }

  /// A copy for a child that fork made.
  package init(of parent: JitFrames, memory: any MemoryReader) {
    self.memory = memory
    version = parent.version
    registered = parent.registered
    debugged = parent.debugged
    registrations = parent.registrations
    entries = parent.entries
    bytesLeft = parent.bytesLeft
  }

  /// The row in force at `pc`, nil if none is known. O(log n), and linear in the FDE's instructions.
  ///
  /// - Parameter instructionsLeft: how many bytes of CFA instructions may still be executed; less those that were, at most.
  /// - Throws: what is wrong with the information that covers it.
  package func row(at pc: UInt64, instructionsLeft: inout Int) throws(CallFrameError) -> FoundRow? {
    if let found = try registered.row(at: pc, instructionsLeft: &instructionsLeft) { return found }
    return try debugged.row(at: pc, instructionsLeft: &instructionsLeft)
  }

  private func note(_ problem: String) {
    if problems.count < Self.mostProblems { problems.append(Problem(problem)) }
  }
}

extension JitFrames {
  /// `__register_frame` and its relatives were called: records lie at `address`. As libgcc has it, a CIE and what follows, up to a
  /// length of zero; or, as LLVM's libunwind has it, one FDE.
  package func registered(at address: UInt64) {
    register([address], at: address)
  }

  /// `__register_frame_table` and its relatives were called: at `address` lie addresses of records, the last of which is null.
  package func registeredTable(at address: UInt64) {
    var addresses: [UInt64] = []
    var place = address
    while addresses.count < Self.mostBytes / 64, let next = memory.word(at: place), next != 0 {
      addresses.append(next)
      place &+= 8
    }
    register(addresses, at: address)
  }

  /// `__deregister_frame` and its relatives were called. An address that is not known was registered before.
  package func deregistered(at address: UInt64) {
    guard let known = registrations.removeValue(forKey: address) else { return }
    for owner in known.owners { registered.remove(owner) }
    bytesLeft += known.size
    version += 1
  }

  private func register(_ addresses: [UInt64], at key: UInt64) {
    // The functions of libgcc call each other.
    if registrations[key] != nil { return }
    var registration = Registration()
    for address in addresses {
      guard let records = RegisteredRecords(at: address, limit: bytesLeft, memory: memory) else {
        note("frames registered at \(hexadecimal(address)) cannot be read: their code is not judged")
        continue
      }
      let only = records.onlyOffset
      guard let owner = registered.add([records.section], where: { only == nil || $1 == only }) else { continue }
      registration.owners.append(owner)
      registration.size += records.section.bytes.count
      bytesLeft -= records.section.bytes.count
    }
    registrations[key] = registration
    version += 1
  }
}

extension JitFrames {
  /// Reads the list that `__jit_debug_descriptor` at `address` begins: what was told of before the process was followed.
  package func readDebugDescriptor(at address: UInt64) {
    guard let descriptor = JitDescriptor(at: address, memory: memory) else { return }
    var seen: Set<UInt64> = []
    var next = descriptor.firstEntry
    while next != 0, seen.count < JitDescriptor.mostEntries, seen.insert(next).inserted {
      guard let entry = JitDescriptor.Entry(at: next, memory: memory) else {
        return note("the list of __jit_debug_descriptor leads to \(hexadecimal(next)), which cannot be read")
      }
      add(entry)
      next = entry.next
    }
  }

  /// `__jit_debug_register_code` was called: `__jit_debug_descriptor` at `address` says what for.
  package func debugDescriptorChanged(at address: UInt64) {
    guard let descriptor = JitDescriptor(at: address, memory: memory) else { return }
    switch descriptor.action {
    case .register:
      guard let entry = JitDescriptor.Entry(at: descriptor.relevantEntry, memory: memory) else {
        let place = hexadecimal(descriptor.relevantEntry)
        return note("the entry of __jit_debug_descriptor at \(place) cannot be read: its code is not judged")
      }
      remove(entry.address)
      add(entry)
    case .unregister: remove(descriptor.relevantEntry)
    case .none: break
    }
  }

  private func add(_ entry: JitDescriptor.Entry) {
    if entries[entry.address] != nil { return }
    var registration = Registration()
    do throws(ELFError) {
      let sections = try JitImage(of: entry, limit: bytesLeft, memory: memory).sections
      if let owner = debugged.add(sections) {
        registration.owners.append(owner)
        registration.size = sections.reduce(0) { $0 + $1.bytes.count }
      }
    } catch {
      note("\(error)")
    }
    bytesLeft -= registration.size
    entries[entry.address] = registration
    version += 1
  }

  private func remove(_ entry: UInt64) {
    guard let known = entries.removeValue(forKey: entry) else { return }
    for owner in known.owners { debugged.remove(owner) }
    bytesLeft += known.size
    version += 1
  }
}
