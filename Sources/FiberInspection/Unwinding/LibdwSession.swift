internal import CLibdw
internal import Glibc

/// libdw's view of a snapshot: its modules at their addresses, and its memory. Unwinder and symbolizer share one, so that each
/// file is opened and indexed once.
///
/// Not safe from several threads at once, as libdw is not.
@safe package final class LibdwSession {
  /// The `Dwfl *`, for as long as the session lives.
  let handle: OpaquePointer
  /// What libdw's callbacks read from.
  let state: LibdwThreadState
  /// Modules in the order of their addresses.
  let modules: ModuleIndex
  /// Modules that could not be opened, one line each: frames in them have no names, and are walked by frame pointer.
  package let problems: [Problem]

  private let callbacks: UnsafeMutablePointer<Dwfl_Callbacks>
  private let threadCallbacks: UnsafeMutablePointer<Dwfl_Thread_Callbacks>
  private let architecture: OpaquePointer?
  private let architectureImage: UnsafeMutablePointer<Elf64_Ehdr>

  /// Opens the modules of `snapshot` that have an image.
  ///
  /// - Throws: a problem if libdw cannot be set up at all (no memory).
  package init(_ snapshot: Snapshot) throws(LibdwError) {
    _ = elf_version(UInt32(EV_CURRENT))
    state = LibdwThreadState(memory: snapshot.memory)

    unsafe callbacks = .allocate(capacity: 1)
    unsafe callbacks.initialize(to: libdwModuleCallbacks())
    unsafe threadCallbacks = .allocate(capacity: 1)
    unsafe threadCallbacks.initialize(to: libdwThreadCallbacks())
    unsafe architectureImage = .allocate(capacity: 1)
    unsafe architectureImage.initialize(to: x86Header())

    // libdw takes the architecture from an ELF file; a process whose files are all gone still has one.
    let size = MemoryLayout<Elf64_Ehdr>.size
    unsafe architecture = UnsafeMutableRawPointer(architectureImage).withMemoryRebound(to: CChar.self, capacity: size) {
      unsafe elf_memory($0, size)
    }
    guard let handle = unsafe dwfl_begin(callbacks) else {
      unsafe elf_end(architecture)
      unsafe callbacks.deallocate()
      unsafe threadCallbacks.deallocate()
      unsafe architectureImage.deallocate()
      throw LibdwError.last(doing: "setting up")
    }
    unsafe self.handle = handle

    unsafe dwfl_report_begin(handle)
    let reported = unsafe Self.report(snapshot.modules, to: handle)
    unsafe dwfl_report_end(handle, nil, nil)
    modules = ModuleIndex(reported.modules)
    problems = reported.problems

    // Once per Dwfl, so the registers of each walk come from `state`. The process id is only a label.
    let argument = unsafe Unmanaged.passUnretained(state).toOpaque()
    let process = max(1, snapshot.processID ?? 1)
    guard unsafe dwfl_attach_state(handle, architecture, process, threadCallbacks, argument) else {
      throw LibdwError.last(doing: "attaching to the snapshot")
    }
  }

  deinit {
    unsafe dwfl_end(handle)
    unsafe elf_end(architecture)
    unsafe callbacks.deallocate()
    unsafe threadCallbacks.deallocate()
    unsafe architectureImage.deallocate()
  }

  /// Gives libdw the images of `modules`. Answers the modules, an image that there is no descriptor for as missing, and what
  /// libdw refused.
  @unsafe private static func report(
    _ modules: [Module], to handle: OpaquePointer
  ) -> (modules: [Module], problems: [Problem]) {
    var modules = modules
    var problems: [Problem] = []
    for index in modules.indices {
      let module = modules[index]
      // The symbolizer says why an image is missing once a frame lies in it.
      guard case .file(let file) = module.image else { continue }
      let descriptor = fcntl(file.descriptor, F_DUPFD_CLOEXEC, 0)
      guard descriptor >= 0 else {
        modules[index].image = .missing(reason: DescriptorLimit().refusal(of: module.path))
        continue
      }
      // With `add_p_vaddr`, the base is the load bias. libdw owns the descriptor from success on.
      guard unsafe dwfl_report_elf(handle, module.path, module.path, descriptor, module.bias, true) != nil else {
        close(descriptor)
        problems.append(Problem("\(module.path): libdw cannot use it: \(LibdwError.lastMessage())"))
        continue
      }
    }
    return (modules, problems)
  }
}

/// The header of an x86-64 ELF file, and nothing else.
private func x86Header() -> Elf64_Ehdr {
  var header = Elf64_Ehdr()
  unsafe withUnsafeMutableBytes(of: &header.e_ident) { identification in
    let bytes: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, UInt8(ELFCLASS64), UInt8(ELFDATA2LSB), UInt8(EV_CURRENT)]
    unsafe identification.copyBytes(from: bytes)
  }
  header.e_type = UInt16(ET_CORE)
  header.e_machine = UInt16(EM_X86_64)
  header.e_version = UInt32(EV_CURRENT)
  header.e_ehsize = UInt16(MemoryLayout<Elf64_Ehdr>.size)
  return header
}
