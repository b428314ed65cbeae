import Foundation

/// The output of `fibertrace cfi`, taken apart again.
struct CfiText {
  /// One instruction.
  struct Line {
    var address: UInt64
    /// Instruction, target and rules as they stand.
    var instruction: String
    /// The row in force, carried on from the line that has it; nil without an FDE.
    var row: [String: String]?
  }

  /// Code with one heading.
  struct Part {
    var name: String
    var section: String
    var addresses: Range<UInt64>
    var hasFDE: Bool
    var isSignalFrame: Bool
    var lines: [Line]
  }

  private(set) var parts: [Part] = []

  init(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    // Where rules begin, by the line of titles.
    guard let titles = lines.first, let column = titles.utf8.ranges(of: "CFA   ".utf8).first else { return }
    let ruleOffset = titles.utf8.distance(from: titles.utf8.startIndex, to: column.lowerBound) - 1
    var row: [String: String]?
    for (index, line) in lines.enumerated() {
      let isRow =
        line.utf8.count > ruleOffset + 1 && line.utf8.prefix(ruleOffset).allSatisfy { $0 == UInt8(ascii: " ") }
      if isRow, let part = parts.indices.last, let last = parts[part].lines.indices.last {
        // Below an instruction that leaves no room.
        row = Self.rules(String(decoding: line.utf8.dropFirst(ruleOffset), as: UTF8.self))
        parts[part].lines[last].row = row
      } else if index + 1 < lines.count, !line.hasPrefix(" "), !line.hasPrefix("="),
        let part = Self.part(line, lines[index + 1])
      {
        parts.append(part)
        row = nil
      } else if !parts.isEmpty, let (address, rest) = Self.instruction(line) {
        let bytes = Array(line.utf8)
        if bytes.count > ruleOffset + 1, bytes[ruleOffset - 1] == UInt8(ascii: " "),
          bytes[ruleOffset] == UInt8(ascii: "~") || bytes[ruleOffset] == UInt8(ascii: " "),
          bytes[ruleOffset + 1] != UInt8(ascii: " "), bytes[ruleOffset - 2] == UInt8(ascii: " ")
        {
          row = Self.rules(String(decoding: bytes[ruleOffset...], as: UTF8.self))
        }
        let end = min(bytes.count, ruleOffset)
        let head = row == nil || bytes.count <= ruleOffset ? rest : String(decoding: bytes[..<end], as: UTF8.self)
        parts[parts.count - 1].lines.append(
          Line(
            address: address, instruction: Self.instruction(head[...])?.rest ?? rest,
            row: parts.last?.hasFDE == true ? row : nil))
      }
    }
  }

  /// "main  .text 0x1139..0x1150, 23 bytes", then "  FDE .eh_frame+0x18, ..." or "  no FDE".
  private static func part(_ line: Substring, _ next: Substring) -> Part? {
    guard line.last == "s" || line.last == "e", let end = line.utf8.lastIndex(of: UInt8(ascii: ",")) else { return nil }
    let fields = line[..<end].split(separator: " ")
    guard fields.count >= 3, let range = fields.last?.split(separator: ".").compactMap({ number($0) }), range.count == 2
    else { return nil }
    return Part(
      name: fields.dropLast(2).joined(separator: " "), section: String(fields[fields.count - 2]),
      addresses: range[0]..<range[1], hasFDE: next.hasPrefix("  FDE"),
      isSignalFrame: next.contains(", signal frame"), lines: [])
  }

  /// "  401000  push rbp", with its mark.
  private static func instruction(_ line: Substring) -> (address: UInt64, rest: String)? {
    let trimmed = line.dropFirst(2).drop { $0 == " " }
    guard let end = trimmed.firstIndex(of: " "), let address = UInt64(trimmed[..<end], radix: 16) else { return nil }
    let rest = trimmed[end...]
    // Labels have the same form.
    guard rest.hasPrefix("  "), !rest.hasSuffix(":") else { return nil }
    return (address, rest.dropFirst(2).trimmingCharacters(in: .whitespaces))
  }

  /// "rsp+8     ra@c-8 ~rbp@c-16" in the words of readelf: CFA "rsp+8", ra "c-8", rbp "c-16"; expressions as "exp" and "vexp".
  private static func rules(_ text: String) -> [String: String] {
    let fields = text.split(separator: "  #", maxSplits: 1)[0].split(separator: " <", maxSplits: 1)[0]
      .replacing("~", with: "").split(separator: " ")
    var row = ["CFA": fields.first.map { $0.contains("*") || $0.contains("(") ? "exp" : String($0) } ?? ""]
    for field in fields.dropFirst() {
      if let at = field.firstIndex(of: "@") {
        row[String(field[..<at])] = String(field[field.index(after: at)...])
      } else if let equals = field.firstIndex(of: "=") {
        let name = String(field[..<equals])
        let value = String(field[field.index(after: equals)...])
        if name == "undefined" || name == "same" {
          for register in registers(value) { row[register] = name == "same" ? "s" : "u" }
        } else if value.hasPrefix("c+") || value.hasPrefix("c-") {
          row[name] = "v" + value.dropFirst()
        } else {
          row[name] = value.hasPrefix("*") ? "exp" : value.contains("(") ? "vexp" : value
        }
      }
    }
    return row
  }

  /// "rax,r8-r9": rax, r8, r9.
  private static func registers(_ list: String) -> [String] {
    list.split(separator: ",").flatMap { item in
      let ends = item.split(separator: "-").compactMap { Int($0.dropFirst()) }
      return ends.count == 2 ? (ends[0]...ends[1]).map { "r\($0)" } : [String(item)]
    }
  }

  private static func number(_ text: Substring) -> UInt64? {
    text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : nil
  }
}
