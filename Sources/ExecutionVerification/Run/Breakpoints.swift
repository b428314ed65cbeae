internal import CProcess
internal import FiberInspection
internal import Glibc

/// Breakpoints in one address space: int3 over the first byte of an instruction.
///
/// They are written page by page through /proc/PID/mem, and only into mappings that can be executed and not written: a file whose
/// FDEs lead into data does not have its program's data changed. Where the program has an int3 of its own, none is set.
///
/// What lay below each is remembered after it is gone: a child that fork made while it was removed may still have it, and a thread
/// may have executed it just before. The program's own byte is only put back where an int3 is.
final class Breakpoints {
  private static let instruction: UInt8 = 0xcc
  private static let page: UInt64 = 4096

  private struct Place {
    /// The byte below, which is no int3.
    var byte: UInt8
    /// It stands at the start of a function.
    var isEntry = false
    /// How many calls return here.
    var returns = 0
    /// The dynamic linker comes here whenever modules were mapped or unmapped.
    var isLinker = false

    var isWanted: Bool { isEntry || returns > 0 || isLinker }
  }

  /// With those that are not wanted any more.
  private var places: [UInt64: Place] = [:]
  private var modules: [Module] = []
  private let file: Int32
  private(set) var code: [Range<UInt64>] = []

  /// - Parameter thread: one of the process.
  /// - Throws: why its memory cannot be written.
  init(thread: Int32) throws(InspectionError) {
    file = unsafe open("/proc/\(thread)/mem", O_RDWR | O_CLOEXEC)
    guard file >= 0 else {
      throw InspectionError(
        .notPermitted, place: "process \(thread)",
        "its memory cannot be written, for breakpoints: \(unsafe String(cString: strerror(errno))). --all needs none")
    }
  }

  /// Those of a child that fork made: its memory holds them already.
  init(_ other: Breakpoints, thread: Int32) throws(InspectionError) {
    file = unsafe open("/proc/\(thread)/mem", O_RDWR | O_CLOEXEC)
    places = other.places
    code = other.code
    modules = other.modules
    guard file >= 0 else {
      throw InspectionError(.notPermitted, place: "process \(thread)", "its memory cannot be written, for breakpoints")
    }
  }

  deinit { if file >= 0 { close(file) } }

  /// Where code lies now. Breakpoints are gone with the memory that they were in: elsewhere, and in modules that are new.
  ///
  /// - Parameter ranges: ascending.
  func setCode(_ ranges: [Range<UInt64>], modules now: [Module]) {
    let new = now.filter { module in !modules.contains { $0.isSame(as: module) } }.map(\.range)
    code = ranges
    modules = now
    places = places.filter { place in isCode(place.key) && !new.contains { $0.contains(place.key) } }
  }

  private func isCode(_ address: UInt64) -> Bool {
    var low = 0
    var high = code.count
    while low < high {
      let middle = (low + high) / 2
      if code[middle].lowerBound <= address { low = middle + 1 } else { high = middle }
    }
    return low > 0 && code[low - 1].contains(address)
  }

  /// Sets breakpoints at the starts of functions.
  ///
  /// - Parameter addresses: ascending.
  func setEntries(_ addresses: [UInt64]) {
    var index = 0
    while index < addresses.count {
      let start = addresses[index] & ~(Self.page - 1)
      var group: [UInt64] = []
      while index < addresses.count, addresses[index] < start + Self.page {
        if isCode(addresses[index]) { group.append(addresses[index]) }
        index += 1
      }
      if !group.isEmpty { setEntries(group, page: start) }
    }
  }

  private func setEntries(_ addresses: [UInt64], page: UInt64) {
    var bytes = [UInt8](repeating: 0, count: Int(Self.page))
    let got = unsafe pread(file, &bytes, bytes.count, off_t(truncatingIfNeeded: page))
    guard got > 0 else { return }
    var first = Int.max
    var last = -1
    for address in addresses {
      let offset = Int(address - page)
      guard offset < got else { continue }
      if stands(at: address) {
        places[address]?.isEntry = true
        continue
      }
      guard let byte = own(bytes[offset], at: address) else { continue }
      places[address] = Place(byte: byte, isEntry: true)
      bytes[offset] = Self.instruction
      first = min(first, offset)
      last = max(last, offset)
    }
    guard last >= 0 else { return }
    let written = unsafe bytes.withUnsafeBytes {
      let start = unsafe $0.baseAddress.map { unsafe $0 + first }
      return unsafe pwrite(file, start, last - first + 1, off_t(truncatingIfNeeded: page) + first)
    }
    if written == last - first + 1 { return }
    // A page that is gone: none of them stands.
    for address in addresses { places[address] = nil }
  }

  /// The program's own byte where `byte` is read; nil where that is an int3 of its own.
  private func own(_ byte: UInt8, at address: UInt64) -> UInt8? {
    byte == Self.instruction ? places[address]?.byte : byte
  }

  /// A call returns to `address`.
  func addReturn(_ address: UInt64) { if set(address) { places[address]?.returns += 1 } }

  func removeReturn(_ address: UInt64) {
    guard let place = places[address], place.returns > 0 else { return }
    places[address]?.returns -= 1
    restoreIfUnwanted(address)
  }

  func removeEntry(_ address: UInt64) {
    guard places[address]?.isEntry ?? false else { return }
    places[address]?.isEntry = false
    restoreIfUnwanted(address)
  }

  /// The dynamic linker's function that debuggers stop at.
  func addLinker(_ address: UInt64) { if set(address) { places[address]?.isLinker = true } }

  /// False where none can stand.
  private func set(_ address: UInt64) -> Bool {
    if stands(at: address) { return true }
    guard isCode(address), let byte = read(address).flatMap({ own($0, at: address) }) else { return false }
    places[address] = Place(byte: byte)
    write(Self.instruction, at: address)
    return true
  }

  private func restoreIfUnwanted(_ address: UInt64) { if !stands(at: address) { _ = restore(address) } }

  @inline(__always) func stands(at address: UInt64) -> Bool { places[address]?.isWanted ?? false }
  func isEntry(_ address: UInt64) -> Bool { places[address]?.isEntry ?? false }
  func isLinker(_ address: UInt64) -> Bool { places[address]?.isLinker ?? false }

  /// Puts the program's own byte back: for one step, or for good.
  ///
  /// - Returns: false if none has ever stood there, or the memory has changed since.
  func restore(_ address: UInt64) -> Bool {
    guard let place = places[address] else { return false }
    let byte = read(address)
    if byte == Self.instruction { write(place.byte, at: address) }
    if byte == Self.instruction || byte == place.byte { return true }
    places[address] = nil
    return false
  }

  /// After a step over it.
  func lower(_ address: UInt64) {
    guard let place = places[address], place.isWanted, read(address) == place.byte else { return }
    write(Self.instruction, at: address)
  }

  /// Puts the program's own bytes back for good: where breakpoints stand now, and where they may still stand in the memory of a child
  /// that fork made meanwhile.
  ///
  /// - Parameter thread: of that child; nil for the process itself.
  func removeAll(in thread: Int32? = nil) {
    if let thread {
      guard let child = try? Breakpoints(self, thread: thread) else { return }
      return child.removeAll()
    }
    for (address, place) in places where read(address) == Self.instruction { write(place.byte, at: address) }
  }

  private func read(_ address: UInt64) -> UInt8? {
    var byte: UInt8 = 0
    return unsafe pread(file, &byte, 1, off_t(truncatingIfNeeded: address)) == 1 ? byte : nil
  }

  /// Fails only where the memory is gone, and the breakpoint with it.
  private func write(_ byte: UInt8, at address: UInt64) {
    var byte = byte
    _ = unsafe pwrite(file, &byte, 1, off_t(truncatingIfNeeded: address))
  }
}

extension Module {
  /// It is the same file at the same place.
  func isSame(as other: Module) -> Bool { range == other.range && path == other.path && buildID == other.buildID }
}
