// FDEs of wrong addresses, and the search table.
extension MutationKind {
  static let addresses: [MutationKind] = [
    MutationKind("fde-empty", .structural, "an FDE covers nothing") { site in
      [
        site.changing("0 bytes") { fde in
          fde.size = 0
          fde.directives = []
        }
      ]
    },
    MutationKind("fde-outside-code", .structural, "an FDE covers what is no code") { site in
      [site.changing("0x40000000 bytes further on") { $0.shift(by: 0x4000_0000) }]
    },
    MutationKind("fde-reaches-out", .structural, "an FDE's size leads out of the code") { site in
      [site.changing("0x7000000 bytes long") { $0.size = 0x700_0000 }]
    },
    MutationKind("fde-duplicate", .structural, "a function has two FDEs") { site in
      let fde = site.fde
      return [
        Mutation("twice") { frames in
          frames.fdes.append(frames.fdes[fde])
          frames.order.insert(.fde(frames.fdes.count - 1), at: frames.order.firstIndex(of: .fde(fde)) ?? 0)
        }
      ]
    },
    MutationKind("fde-overlap", .structural, "another FDE covers the end of a function") { site in
      let fde = site.fde
      guard site.record.size > 1 else { return [] }
      return [
        Mutation("a second FDE for the last byte") { frames in
          var other = frames.fdes[fde]
          other.start = other.end - 1
          other.size = 1
          other.directives = []
          frames.fdes.append(other)
          frames.order.insert(.fde(frames.fdes.count - 1), at: frames.order.firstIndex(of: .fde(fde)) ?? 0)
        }
      ]
    },
    MutationKind("fde-of-neighbour", .structural, "an FDE has the address of another function") { site in
      guard let other = site.frames.fdes.first(where: { $0.start != site.record.start }) else { return [] }
      let distance = other.start &- site.record.start
      return [site.changing("at 0x\(String(other.start, radix: 16))") { $0.shift(by: distance) }]
    },
  ]

  static let searchTable: [MutationKind] = [
    table("table-unsorted", "two entries of the search table are swapped") { table, entry in
      let other = entry == 0 ? 1 : entry - 1
      if table.entries.indices.contains(other) { table.entries.swapAt(entry, other) }
    },
    table("table-entry-address", "an entry of the search table is for another address") { table, entry in
      table.entries[entry].address += 1
    },
    table("table-entry-fde", "an entry of the search table leads to another FDE") { table, entry in
      let other = entry == 0 ? 1 : entry - 1
      if table.entries.indices.contains(other) { table.entries[entry].fdeAddress = table.entries[other].fdeAddress }
    },
    table("table-entry-nowhere", "an entry of the search table leads into an FDE") { table, entry in
      table.entries[entry].fdeAddress += 4
    },
    table("table-entry-missing", "the search table has no entry for a function") { table, entry in
      table.entries.remove(at: entry)
      table.declaredCount -= 1
    },
    table("table-count-small", "the search table says that it has one entry less") { table, _ in
      table.declaredCount -= 1
    },
    table("table-count-large", "the search table says that it has more entries than it has") { table, _ in
      table.declaredCount += 1000
    },
    table("table-version", "the search table has a version that is none") { table, _ in table.version = 2 },
    table("table-frame-address", "the search table says that .eh_frame is elsewhere") { table, _ in
      table.ehFrameAddress += 8
    },
    table("table-encoding", "the search table has encodings that are none") { table, _ in table.encodings[2] = 0x0e },
    table("table-encoding-base", "the search table's entries are said to be relative to their place") { table, _ in
      table.encodings[2] = 0x1b
    },
    table("table-count-omitted", "the search table says that it has no entries") { table, _ in
      table.encodings[1] = 0xff
    },
    table("table-segment", "the segment of the search table leads elsewhere") { table, _ in table.segmentDistance = 4 },
  ]

  /// A kind that changes the search table, at the function's entry.
  private static func table(
    _ id: String, _ summary: String, _ change: @escaping @Sendable (inout EditableSearchTable, Int) -> Void
  ) -> MutationKind {
    MutationKind(id, .structural, summary) { site in
      guard site.frames.hasSearchTable, site.frames.fdes.count > 1 else { return [] }
      let start = site.record.start
      return [
        Mutation(id) { frames in
          frames.searchTableEdit = { table in
            guard let entry = table.entries.firstIndex(where: { $0.address == start }) else { return }
            change(&table, entry)
          }
        }
      ]
    }
  }
}

extension EditableFDE {
  fileprivate mutating func shift(by distance: UInt64) {
    start &+= distance
    for index in directives.indices { directives[index].location &+= distance }
  }
}
