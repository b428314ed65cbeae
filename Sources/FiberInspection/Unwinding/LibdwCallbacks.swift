internal import CLibdw
internal import Glibc

/// What libdw asks for during a walk: registers to start from, and memory.
final class LibdwThreadState {
  let memory: any MemoryReader
  /// Where the next walk starts.
  var registers = Registers(programCounter: 0, framePointer: 0, stackPointer: 0)
  /// The last address that libdw asked for and the snapshot does not have.
  var unreadable: UInt64?

  init(memory: any MemoryReader) { self.memory = memory }
}

/// The thread that stands for every walk: libdw wants a positive id.
let libdwWalkThread: pid_t = 1

/// How libdw finds files. Images are given to it; separate debug files are looked up on this machine.
func libdwModuleCallbacks() -> Dwfl_Callbacks {
  var callbacks = unsafe Dwfl_Callbacks()
  // Never called for a reported ELF file; libdw wants a function.
  unsafe callbacks.find_elf = { _, _, _, _, _, _ in -1 }
  unsafe callbacks.find_debuginfo = { module, userdata, name, base, file, link, checksum, found in
    // A debug file that was named; without `file` a supplement to one is looked for.
    if let named = unsafe userdata?.pointee, unsafe file != nil {
      let path = unsafe named.assumingMemoryBound(to: CChar.self)
      unsafe found?.pointee = unsafe strdup(path)
      return unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    }
    let byBuildID = unsafe dwfl_build_id_find_debuginfo(module, userdata, name, base, file, link, checksum, found)
    // libdw's standard search looks for a debug link too, but goes on to the network where DEBUGINFOD_URLS is set.
    // Looking at a process that hangs shall not wait for a server.
    guard byBuildID < 0, unsafe getenv("DEBUGINFOD_URLS") == nil, unsafe opensAtOnce(file: file, link: link) else {
      return byBuildID
    }
    return unsafe dwfl_standard_find_debuginfo(module, userdata, name, base, file, link, checksum, found)
  }
  unsafe callbacks.section_address = dwfl_offline_section_address
  return unsafe callbacks
}

/// False if the search for the debug file of `file` would wait for ever: libdw opens whatever has the name, FIFOs too.
///
/// It looks beside the file, in .debug there, and in /usr/lib/debug, which is root's. Without a file it looks for a supplement
/// to a debug file, by its build-id first.
@unsafe private func opensAtOnce(file: UnsafePointer<CChar>?, link: UnsafePointer<CChar>?) -> Bool {
  guard let file = unsafe file else { return true }
  let path = unsafe String(cString: file)
  let link = unsafe link.map { unsafe String(cString: $0) }
  // objcopy writes base names; anything else leads elsewhere.
  if let link, link.contains("/") { return false }
  let directory = path.lastIndex(of: "/").map { path[...$0] } ?? ""
  let names = [link, baseName(path) + ".debug"].compactMap(\.self)
  return names.flatMap { [directory + $0, directory + ".debug/" + $0] }.allSatisfy {
    let status = try? FileStatus(path: $0)
    return status == nil || status?.kind == .regular
  }
}

/// How libdw reads threads: there is one, whose registers and memory `LibdwThreadState` holds.
func libdwThreadCallbacks() -> Dwfl_Thread_Callbacks {
  var callbacks = Dwfl_Thread_Callbacks()
  unsafe callbacks.next_thread = { _, argument, thread in
    guard let thread = unsafe thread, unsafe thread.pointee == nil else { return 0 }
    unsafe thread.pointee = argument
    return libdwWalkThread
  }
  unsafe callbacks.get_thread = { _, _, argument, thread in
    unsafe thread?.pointee = argument
    return true
  }
  unsafe callbacks.memory_read = { _, address, result, argument in
    guard let argument = unsafe argument, let result = unsafe result else { return false }
    let state = unsafe Unmanaged<LibdwThreadState>.fromOpaque(argument).takeUnretainedValue()
    guard let word = state.memory.word(at: address) else {
      state.unreadable = address
      return false
    }
    unsafe result.pointee = word
    return true
  }
  unsafe callbacks.set_initial_registers = { thread, argument in
    guard let thread = unsafe thread, let argument = unsafe argument else { return false }
    let state = unsafe Unmanaged<LibdwThreadState>.fromOpaque(argument).takeUnretainedValue()
    for (number, value) in state.registers.values.enumerated() {
      guard var value else { continue }
      guard unsafe dwfl_thread_state_registers(thread, Int32(number), 1, &value) else { return false }
    }
    return true
  }
  return callbacks
}
