extension String {
  /// The text with every character escaped that would not show as itself, as `\u{1b}`: control characters, which drive
  /// terminals, and format characters, which reorder or hide text. Names of symbols, fibers, threads and files come from the
  /// process that is looked at.
  package var escapedForTerminal: String {
    // Most names are ASCII, which is looked at fastest by bytes.
    if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return self }
    guard unicodeScalars.contains(where: \.isUnprintable) else { return self }
    var result = ""
    for scalar in unicodeScalars {
      if scalar.isUnprintable {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Escaped, and cut in the middle to at most `limit` characters, "..." included.
  func escapedForTerminal(limit: Int) -> String {
    let text = escapedForTerminal
    guard text.utf8.count > limit, text.count > limit else { return text }
    let kept = limit - 3
    return text.prefix(kept - kept / 3) + "..." + text.suffix(kept / 3)
  }
}

extension Unicode.Scalar {
  /// It does not show as itself: it drives a terminal, reorders or hides text, or has no form.
  var isUnprintable: Bool {
    if isASCII { return value < 0x20 || value == 0x7f }
    return switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    default: false
    }
  }
}
