internal import FiberInspection
internal import Glibc

extension TextStyle {
  /// What suits standard output, or another open file: by `.auto` colour on a terminal unless NO_COLOR is set or TERM is "dumb"; characters
  /// beyond ASCII in a UTF-8 locale; the terminal's width.
  static func ofStandardOutput(color: ColorOption, descriptor: Int32 = STDOUT_FILENO) -> TextStyle {
    let wantsColor =
      switch color {
      case .auto: isatty(descriptor) == 1 && variable("NO_COLOR") == nil && variable("TERM") != "dumb"
      case .always: true
      case .never: false
      }
    // The first of these that is set decides, as in setlocale(3).
    let locale = (variable("LC_ALL") ?? variable("LC_CTYPE") ?? variable("LANG") ?? "").lowercased()
    return TextStyle(
      usesColor: wantsColor, usesUnicode: locale.contains("utf-8") || locale.contains("utf8"),
      directory: workingDirectory(), columns: terminalWidth(descriptor))
  }

  /// What suits a file: as standard output, but for colour, which is only there by `.always`, and lines of any length.
  static func ofFile(color: ColorOption) -> TextStyle {
    var style = ofStandardOutput(color: color == .always ? .always : .never)
    style.columns = nil
    return style
  }
}

/// Columns of the terminal that is open there; nil if it is none, or does not say.
private func terminalWidth(_ descriptor: Int32) -> Int? {
  var size = winsize()
  guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return Int(size.ws_col)
}

/// The working directory, nil if it is gone.
private func workingDirectory() -> String? {
  guard let path = unsafe getcwd(nil, 0) else { return nil }
  defer { unsafe free(path) }
  return unsafe String(cString: path)
}

/// A variable of the environment, nil if it is unset or empty.
private func variable(_ name: String) -> String? {
  guard let value = unsafe getenv(name), unsafe value.pointee != 0 else { return nil }
  return unsafe String(cString: value)
}
