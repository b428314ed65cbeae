import Testing

@testable import CallFrameInfo

@Suite struct PointerEncodingTests {
  private let bases = PointerBases(section: 0x1003, text: 0x2000, data: 0x3000, function: 0x4000, addressSize: 8)

  private func read(_ encoding: UInt8, _ bytes: [UInt8], _ bases: PointerBases? = nil) throws -> UInt64 {
    let section = CallFrameSection(.ehFrame, source: "test.so", bytes: [0] + bytes, address: 0x1003)
    var cursor = SectionCursor(section, 1..<bytes.count + 1)
    let value = try cursor.pointer(PointerEncoding(rawValue: encoding), bases ?? self.bases, "a pointer").value
    #expect(cursor.isAtEnd)
    return value
  }

  @Test func everyFormatIsReadWithItsSizeAndSign() throws {
    let eight = SectionBytes.little(0xfedc_ba98_7654_3210 as UInt64)
    #expect(try read(0x00, eight) == 0xfedc_ba98_7654_3210)
    #expect(try read(0x01, [0xe5, 0x8e, 0x26]) == 624_485)
    #expect(try read(0x02, [0x34, 0xf2]) == 0xf234)
    #expect(try read(0x03, [0x78, 0x56, 0x34, 0xf2]) == 0xf234_5678)
    #expect(try read(0x04, eight) == 0xfedc_ba98_7654_3210)
    #expect(try read(0x08, eight) == 0xfedc_ba98_7654_3210)
    #expect(try read(0x09, [0xc0, 0xbb, 0x78]) == UInt64(bitPattern: -123_456))
    #expect(try read(0x0a, [0xfe, 0xff]) == UInt64(bitPattern: -2))
    #expect(try read(0x0b, [0xfe, 0xff, 0xff, 0xff]) == UInt64(bitPattern: -2))
    #expect(try read(0x0c, eight) == 0xfedc_ba98_7654_3210)
  }

  @Test func addressesOfFewerBytesAreExtendedAndCutToTheirSize() throws {
    var bases = bases
    bases.addressSize = 4
    #expect(try read(0x00, [0xfe, 0xff, 0xff, 0xff], bases) == 0xffff_fffe)
    #expect(try read(0x18, [0xfe, 0xff, 0xff, 0xff], bases) == 0x1002)
    #expect(try read(0x48, [0x00, 0xb0, 0xff, 0xff], bases) == 0xffff_f000)
  }

  @Test func everyApplicationAddsItsBase() throws {
    #expect(try read(0x1b, [0xfc, 0xff, 0xff, 0xff]) == 0x1000)
    #expect(try read(0x23, [0x10, 0, 0, 0]) == 0x2010)
    #expect(try read(0x33, [0x10, 0, 0, 0]) == 0x3010)
    #expect(try read(0x43, [0x10, 0, 0, 0]) == 0x4010)
    // Address 0x1004 is padded to 0x1008.
    #expect(try read(0x50, [1, 2, 3, 4] + SectionBytes.little(0x55 as UInt64)) == 0x55)
    // Indirection is told, not followed.
    #expect(try read(0x9b, [0xfc, 0xff, 0xff, 0xff]) == 0x1000)
    #expect(PointerEncoding(rawValue: 0x9b).isIndirect && !PointerEncoding.omit.isIndirect)
  }

  @Test func whatIsNoEncodingOrHasNoBaseIsAnError() {
    func code(_ encoding: UInt8, _ bases: PointerBases? = nil) -> CallFrameError.Code? {
      do {
        _ = try read(encoding, [UInt8](repeating: 1, count: 8), bases)
        return nil
      } catch {
        return (error as? CallFrameError)?.code
      }
    }
    for encoding: UInt8 in [0x05, 0x06, 0x07, 0x0d, 0x0e, 0x0f, 0x60, 0x70] { #expect(code(encoding) == .unsupported) }
    let none = PointerBases(section: 0, text: nil, data: nil, function: nil, addressSize: 8)
    for encoding: UInt8 in [0x24, 0x34, 0x44] { #expect(code(encoding, none) == .noBase) }
  }

  @Test func zeroAndOmitAreNoPointer() throws {
    let section = CallFrameSection(.ehFrame, source: "test.so", bytes: [0, 0, 0, 0], address: 0x1000)
    var cursor = SectionCursor(section, 0..<4)
    #expect(try cursor.optionalPointer(.omit, bases, "a pointer") == nil)
    #expect(cursor.offset == 0)
    #expect(try cursor.optionalPointer(PointerEncoding(rawValue: 0x1b), bases, "a pointer") == nil)
    #expect(cursor.offset == 4)
  }

  @Test func numbersOfMoreThan64BitsAreRefusedAndPaddedOnesRead() throws {
    func section(_ bytes: [UInt8]) -> SectionCursor {
      SectionCursor(CallFrameSection(.ehFrame, source: "", bytes: bytes, address: 0), 0..<bytes.count)
    }
    func uleb(_ bytes: [UInt8]) throws -> UInt64 {
      var cursor = section(bytes)
      return try cursor.uleb("a number")
    }
    func sleb(_ bytes: [UInt8]) throws -> Int64 {
      var cursor = section(bytes)
      return try cursor.sleb("a number")
    }
    let ones = [UInt8](repeating: 0xff, count: 9)
    #expect(try uleb(ones + [0x01]) == .max)
    #expect(throws: CallFrameError.self) { try uleb(ones + [0x02]) }
    #expect(throws: CallFrameError.self) { try uleb(ones + [0x81, 0x01]) }
    #expect(try uleb([0x85] + [UInt8](repeating: 0x80, count: 20) + [0]) == 5)
    #expect(throws: CallFrameError.self) { try uleb(ones) }
    #expect(try sleb(ones + [0x7f]) == -1)
    #expect(try sleb([UInt8](repeating: 0x80, count: 9) + [0x7f]) == .min)
    #expect(try sleb(ones + [0x00]) == .max)
    #expect(throws: CallFrameError.self) { try sleb(ones + [0x01]) }
    #expect(try sleb([0xfe] + [UInt8](repeating: 0xff, count: 20) + [0x7f]) == -2)
    for value in [Int64.min, -65, -64, -1, 0, 63, 64, .max] { #expect(try sleb(SectionBytes.sleb(value)) == value) }
  }
}
