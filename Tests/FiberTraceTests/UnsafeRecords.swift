import CFiberAsm
import CUnwindShim
import Foundation

/// The address of FiberTrace's own registry.
let ownRegistry = unsafe UInt64(UInt(bitPattern: ft_own_registry()))

/// The record that readers see under `id` in FiberTrace's own registry, or nil.
func publishedRecord(id: UInt64) -> ft_record? {
  publishedRecords(registry: ownRegistry).first { $0.identity >> UInt64(FT_IDENTITY_SHIFT) == id }
}

/// What a reader of the registry at an address finds: every record with an identity, chunk by chunk.
func publishedRecords(registry: UInt64) -> [ft_record] {
  guard let head = unsafe UnsafePointer<ft_registry>(bitPattern: UInt(registry))?.pointee else { return [] }
  var records: [ft_record] = []
  for chunk in chunks(registry: registry) {
    let first = unsafe UnsafeRawPointer(bitPattern: chunk)
    guard let first = unsafe first else { continue }
    let capacity = unsafe first.load(fromByteOffset: Int(head.chunk_capacity_offset), as: UInt64.self)
    for index in 0..<Int(capacity) {
      let offset = Int(head.chunk_records_offset) + index * Int(head.record_size)
      let record = unsafe first.load(fromByteOffset: offset, as: ft_record.self)
      if record.identity != 0 { records.append(record) }
    }
  }
  return records
}

/// The addresses of the chunks of a registry.
func chunks(registry: UInt64) -> [UInt] {
  guard let head = unsafe UnsafePointer<ft_registry>(bitPattern: UInt(registry))?.pointee else { return [] }
  var addresses: [UInt] = []
  var next = UInt(head.chunks)
  while let chunk = unsafe UnsafeRawPointer(bitPattern: next) {
    addresses.append(next)
    next = unsafe UInt(chunk.load(fromByteOffset: Int(head.chunk_next_offset), as: UInt64.self))
  }
  return addresses
}

/// The magic and the version of the registry at an address.
func magicAndVersion(registry: UInt64) -> [UInt64] {
  guard let head = unsafe UnsafePointer<ft_registry>(bitPattern: UInt(registry))?.pointee else { return [] }
  return [head.magic, UInt64(head.version)]
}

/// The C string at `address`, nil for 0.
func string(at address: UInt64) -> String? {
  unsafe UnsafePointer<CChar>(bitPattern: UInt(address)).map { unsafe String(cString: $0) }
}

/// The words from the base of a fiber that does not run to the refused suspends. A sanitizer's own is shown as 0, which it is
/// without one.
func chainWords(base: UInt64) -> [UInt64] {
  [FT_BASE_LINK, FT_BASE_RETURN, FT_BASE_TOOL, FT_BASE_CANCELS].map { offset in
    guard offset != FT_BASE_TOOL || Sanitizer.isNone else { return 0 }
    return unsafe UnsafePointer<UInt64>(bitPattern: UInt(base) + UInt(offset))?.pointee ?? .max
  }
}

/// What they are while the chain ends there.
var endedChain: [UInt64] {
  unsafe [ft_own_registry().pointee.end_record, ft_own_registry().pointee.not_running_low + 1, 0, 0]
}

/// The function at an address, as the source names it; empty if there is none.
func functionName(at address: UInt64) -> String {
  var offset: UInt64 = 0
  let name = unsafe ft_unwind_name(address, &offset)
  defer { unsafe free(name) }
  guard let name = unsafe name, let demangled = unsafe swift_demangle(name, strlen(name), nil, nil, 0) else {
    return ""
  }
  defer { unsafe free(demangled) }
  return unsafe String(cString: demangled)
}
