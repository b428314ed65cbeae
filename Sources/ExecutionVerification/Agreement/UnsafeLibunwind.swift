internal import CUnwindRemote
internal import FiberInspection

/// Walks by nongnu libunwind, which reads the process through us.
///
/// It looks at no row that we cannot read ourselves: what is damaged there could crash it.
@safe final class LibunwindUnwinder: Unwinder {
  let name = UnwinderName.libunwind.rawValue

  /// What libunwind's callbacks read from.
  private final class Target {
    let memory: any MemoryReader
    var modules: ModuleIndex
    var tables: [UInt64: LoadedSearchTable?] = [:]
    /// Whether the row at an address can be read.
    let isReadable: (UInt64) -> Bool

    init(_ modules: [Module], memory: any MemoryReader, isReadable: @escaping (UInt64) -> Bool) {
      self.modules = ModuleIndex(modules)
      self.memory = memory
      self.isReadable = isReadable
    }

    func table(of module: Module) -> LoadedSearchTable? {
      if let known = tables[module.range.lowerBound] { return known }
      let table = LoadedSearchTable(module, memory: memory)
      tables[module.range.lowerBound] = .some(table)
      return table
    }
  }

  private let target: Target
  private let walker: OpaquePointer
  private var buffer: [ft_remote_frame] = []

  /// - Throws: why there is no libunwind.
  init(
    _ modules: [Module], memory: any MemoryReader, isReadable: @escaping (UInt64) -> Bool
  ) throws(AgreementError) {
    target = Target(modules, memory: memory, isReadable: isReadable)
    let context = unsafe Unmanaged.passUnretained(target).toOpaque()
    let callbacks = unsafe ft_remote_target(
      context: context,
      read: { context, address, word in
        guard let context = unsafe context else { return 0 }
        let target = unsafe Unmanaged<Target>.fromOpaque(context).takeUnretainedValue()
        guard let value = target.memory.word(at: address) else { return 0 }
        unsafe word.pointee = value
        return 1
      },
      find: { context, pc, table in
        guard let context = unsafe context else { return 0 }
        let target = unsafe Unmanaged<Target>.fromOpaque(context).takeUnretainedValue()
        guard let module = target.modules.module(at: pc) else { return 0 }
        guard target.isReadable(pc) else { return -1 }
        guard let found = target.table(of: module) else { return 0 }
        unsafe table.pointee = ft_remote_table(
          module_start: module.range.lowerBound, module_end: module.range.upperBound, header: found.header,
          entries: found.entries, count: UInt64(found.count))
        return 1
      })
    var reason: UnsafePointer<CChar>?
    guard let walker = unsafe ft_remote_create(callbacks, &reason) else {
      let text = unsafe reason.map { unsafe String(cString: $0) } ?? "no reason given"
      throw AgreementError("libunwind cannot be used: \(text)")
    }
    unsafe self.walker = walker
  }

  deinit { unsafe ft_remote_destroy(walker) }

  func walk(from registers: Registers, limit: Int) -> Walk {
    let values = registers.values.map { $0 ?? 0 }
    if buffer.count < limit { buffer = Array(repeating: ft_remote_frame(), count: limit) }
    var end: UInt32 = 0
    var error: Int32 = 0
    let count = unsafe ft_remote_walk(walker, values, &buffer, limit, &end, &error)
    let frames = buffer.prefix(count).map { frame in
      WalkedFrame(
        programCounter: frame.interrupted != 0 ? .exact(frame.pc) : .returnAddress(frame.pc), stackPointer: frame.sp,
        framePointer: frame.has_fp != 0 ? frame.fp : nil, found: frame.by_row != 0 ? .cfi : .fp)
    }
    let reason: Walk.End =
      switch ft_remote_end(rawValue: end) {
      case FT_REMOTE_OUTERMOST: .outermost
      case FT_REMOTE_LIMIT: .limit
      case FT_REMOTE_REFUSED: .failed("what covers the last frame is damaged, and is not shown to libunwind")
      case FT_REMOTE_TIRED: .failed("libunwind reads without an end")
      default: .failed("libunwind: \(unsafe String(cString: ft_remote_error(error)))")
      }
    return Walk(frames: frames, end: reason)
  }
}
