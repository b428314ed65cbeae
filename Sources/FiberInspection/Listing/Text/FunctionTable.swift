internal import CallFrameInfo
internal import FrameVerification

/// The functions of a file with their FDEs, a line each.
struct FunctionTable {
  private let file: ListedFile
  private let style: TextStyle

  init(_ file: ListedFile, style: TextStyle) {
    self.file = file
    self.style = style
  }

  /// Writes the number of records, then the functions by address.
  func write(to output: inout some ByteOutput, _ listing: Listing) {
    var text = TextBuffer(usesColor: style.usesColor)
    text.styled(.bold) { $0.append(header) }
    text.endLine()
    text.endLine()
    let width = file.addressWidth
    text.styled(.dim) { text in
      text.append(spaces: 2 + max(0, width - 7))
      text.append("address      size  ")
      text.append("FDE                    function")
    }
    text.endLine()
    listing.heads(in: 0..<UInt64.max) { head in
      append(head, width: max(width, 7), to: &text)
      guard text.bytes.count >= 1 << 16 else { return }
      output.write(text.bytes)
      text.removeAll()
    }
    output.write(text.bytes)
  }

  /// "libc.so.6: 3906 FDEs and 14 CIEs in .eh_frame; code in .plt, .text (1.4 MiB)".
  private var header: String {
    var fdes = [Int](repeating: 0, count: file.table.sections.count)
    var cies = [Set<Int>](repeating: [], count: file.table.sections.count)
    for fde in file.table.fdes {
      fdes[fde.sectionIndex] += 1
      cies[fde.sectionIndex].insert(fde.cieIndex)
    }
    let records = file.table.sections.indices.map { index in
      "\(counted(fdes[index], "FDE")) of \(counted(cies[index].count, "CIE")) in "
        + file.table.sections[index].name.escapedForTerminal
    }
    let frames = records.isEmpty ? "no call frame information" : records.joined(separator: ", ")
    let bytes = file.sections.reduce(UInt64(0)) {
      $0.saturatingAdding($1.addresses.upperBound - $1.addresses.lowerBound)
    }
    return "\(file.path.escapedForTerminal): \(frames); \(size(bytes)) of code"
  }

  private func append(_ head: ListingHead, width: Int, to text: inout TextBuffer) {
    text.append(spaces: 2)
    text.append(hexadecimal: head.addresses.lowerBound, width: width)
    let size = "\(head.addresses.upperBound - head.addresses.lowerBound)"
    text.append(spaces: max(1, 10 - size.utf8.count))
    text.append(size)
    text.append(spaces: 2)
    let column = text.column
    if let frame = head.frame {
      text.append("\(frame.records.name.escapedForTerminal)+0x")
      text.append(hexadecimal: UInt64(frame.fde.offset))
    } else {
      text.styled(.warning) { $0.append("no FDE") }
    }
    text.pad(to: column + 23, minimum: 2)
    text.append(head.title)
    if head.symbol == nil { text.append(" in \(head.section.escapedForTerminal)") }
    text.endLine()
  }
}
