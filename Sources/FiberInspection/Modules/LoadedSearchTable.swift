internal import CallFrameInfo

/// `.eh_frame_hdr` of a module where it is mapped, in the one form that every linker writes: pairs of 4-byte offsets from its start.
package struct LoadedSearchTable {
  /// DW_EH_PE_datarel | DW_EH_PE_sdata4.
  private static let encoding: UInt8 = 0x3b

  /// Address of the section in the process.
  package let header: UInt64
  /// Address of the first entry.
  package let entries: UInt64
  /// How many entries there are.
  package let count: Int

  /// nil if the module has no such table in memory, or one in another form.
  package init?(_ module: Module, memory: any MemoryReader) {
    guard let image = ModuleImageBytes(module, memory: memory),
      let segment = image.segments.first(where: { $0.kind == .ehFrame }), let table = image.searchTable(),
      table.entryEncoding.rawValue == Self.encoding, table.count > 0
    else { return nil }
    header = module.bias &+ segment.virtualAddress
    entries = header &+ UInt64(table.entriesOffset)
    count = table.count
  }
}
