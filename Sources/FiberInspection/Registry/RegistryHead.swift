internal import CFiberAsm
internal import CallFrameInfo

/// A registry's head (`struct ft_registry` in FiberTraceRegistry.h) with every offset in it checked.
struct RegistryHead {
  /// Offsets of a record's fields.
  struct Fields {
    let stackPointer, base, count, low, identity, name, wait, creator: Int
  }

  let runtime: String
  let layout: RegistryLayout
  let fields: Fields
  /// In bytes.
  let recordSize: Int
  /// Offset of the first record in a chunk.
  let recordsOffset: Int
  let nextOffset: Int
  let capacityOffset: Int
  let identityShift: UInt64
  let finishedFlag: UInt64
  let abandonedFlag: UInt64
  /// Address of the newest chunk, or 0.
  let chunks: UInt64

  /// Records and chunk headers beyond this size are taken for damage.
  static let sizeLimit: UInt32 = 1 << 16

  /// Reads the head.
  ///
  /// - Throws: what is wrong with it. A version above ours is no damage and says so.
  init(at location: RegistryLocation, memory: any MemoryReader) throws(RegistryFault) {
    let size = MemoryLayout<ft_registry>.size
    let bytes = memory.bytes(at: location.address, count: size)
    func fault(_ text: String) -> RegistryFault { RegistryFault(.damaged, location, text) }
    func missing() -> RegistryFault {
      RegistryFault(.incomplete, location, "\(bytes.count) of the \(size) bytes of its head are readable")
    }
    func field<Value: FixedWidthInteger>(_ path: KeyPath<ft_registry, Value>) -> Value? {
      MemoryLayout<ft_registry>.offset(of: path).flatMap { bytes.littleEndian($0) }
    }
    guard let magic = field(\.magic), let version = field(\.version), let headSize = field(\.head_size) else {
      throw missing()
    }
    guard magic == FT_REGISTRY_MAGIC else {
      throw fault("it starts with \(hexadecimal(magic)), expected \(hexadecimal(FT_REGISTRY_MAGIC)) (FTREGIST)")
    }
    guard version <= UInt32(FT_REGISTRY_VERSION) else {
      throw RegistryFault(
        Problem(
          "registry version \(version) in \(location.modulePath) is newer than this fibertrace reads "
            + "(\(FT_REGISTRY_VERSION)): update fibertrace"))
    }
    guard version != 0 else { throw fault("its version is 0") }
    guard headSize >= size else { throw fault("its head is \(headSize) bytes long, expected at least \(size)") }
    guard bytes.count == size else { throw missing() }

    guard let recordSize = field(\.record_size), recordSize >= 8, recordSize <= Self.sizeLimit else {
      throw fault("its records are \(field(\.record_size) ?? 0) bytes long, expected 8 to \(Self.sizeLimit)")
    }
    func offset(_ path: KeyPath<ft_registry, UInt16>, _ name: String) throws(RegistryFault) -> Int {
      guard let offset = field(path), UInt32(offset) + 8 <= recordSize else {
        throw fault("the field \(name) lies at offset \(field(path) ?? 0) of records of \(recordSize) bytes")
      }
      return Int(offset)
    }
    func chunkOffset(_ path: KeyPath<ft_registry, UInt32>, _ name: String) throws(RegistryFault) -> Int {
      guard let offset = field(path), offset <= Self.sizeLimit - 8 else {
        throw fault("\(name) lies at offset \(field(path) ?? 0) of a chunk, expected at most \(Self.sizeLimit - 8)")
      }
      return Int(offset)
    }
    fields = Fields(
      stackPointer: try offset(\.sp_offset, "sp"), base: try offset(\.base_offset, "base"),
      count: try offset(\.count_offset, "count"), low: try offset(\.low_offset, "low"),
      identity: try offset(\.identity_offset, "identity"), name: try offset(\.name_offset, "name"),
      wait: try offset(\.wait_offset, "wait"), creator: try offset(\.creator_offset, "creator"))
    recordsOffset = try chunkOffset(\.chunk_records_offset, "the first record")
    nextOffset = try chunkOffset(\.chunk_next_offset, "the link to the next chunk")
    capacityOffset = try chunkOffset(\.chunk_capacity_offset, "the capacity")
    self.recordSize = Int(recordSize)
    guard let shift = field(\.identity_shift), shift < 64 else {
      throw fault("ids are shifted by \(field(\.identity_shift) ?? 0) bits, expected less than 64")
    }
    identityShift = UInt64(shift)
    finishedFlag = UInt64(field(\.finished_flag) ?? 0)
    abandonedFlag = UInt64(field(\.abandoned_flag) ?? 0)
    chunks = field(\.chunks) ?? 0

    func word(_ path: KeyPath<ft_registry, UInt64>) -> UInt64 { field(path) ?? 0 }
    func range(
      _ low: KeyPath<ft_registry, UInt64>, _ high: KeyPath<ft_registry, UInt64>, _ name: String
    ) throws(RegistryFault) -> Range<UInt64> {
      guard word(low) <= word(high) else {
        throw fault(
          "the code of \(name) ends at \(hexadecimal(word(high))), before its start \(hexadecimal(word(low)))")
      }
      return word(low)..<word(high)
    }
    guard let hasLink = field(\.has_link), hasLink <= 1 else {
      throw fault("has_link is \(field(\.has_link) ?? 0), expected 0 or 1")
    }
    layout = RegistryLayout(
      suspendedProgramCounter: word(\.suspended_pc), savedProgramCounterOffset: Int64(field(\.saved_pc_offset) ?? 0),
      savedFramePointerOffset: Int64(field(\.saved_bp_offset) ?? 0),
      savedStackPointerAdjustment: Int64(field(\.saved_sp_add) ?? 0), hasLink: hasLink == 1,
      endRecord: word(\.end_record), resume: try range(\.resume_low, \.resume_high, "resume"),
      suspend: try range(\.suspend_low, \.suspend_high, "suspend"),
      start: try range(\.start_low, \.start_high, "start"),
      notRunning: try range(\.not_running_low, \.not_running_high, "not_running"))
    let name = MemoryLayout<ft_registry>.offset(of: \.runtime) ?? 0
    runtime = String(
      decoding: bytes[name..<name + MemoryLayout.size(ofValue: ft_registry().runtime)].prefix { $0 != 0 }, as: UTF8.self
    )
  }
}
