import Testing

@testable import FiberInspection

/// Instructions that call, as assemblers write them (GNU as 2.40).
@Suite struct CallSiteTests {
  private func ends(_ bytes: [UInt8]) -> Bool { CallSite.ends(bytes, before: 0x1000, isCode: { $0 < 0x2000 }) }

  @Test func everyFormOfACallIsOne() {
    let calls: [[UInt8]] = [
      [0x90, 0x90, 0xe8, 0, 0, 0, 0],  // call 0x1000
      [0xe8, 0x00, 0xf0, 0xff, 0xff],  // call 0x0
      [0xff, 0xd0],  // call *%rax
      [0x41, 0xff, 0xd3],  // call *%r11
      [0xff, 0x10],  // call *(%rax)
      [0xff, 0x14, 0x24],  // call *(%rsp)
      [0xff, 0x14, 0xc5, 1, 0, 0, 0],  // call *0x1(,%rax,8)
      [0xff, 0x15, 1, 2, 3, 4],  // call *0x4030201(%rip)
      [0xff, 0x55, 0xf0],  // call *-0x10(%rbp)
      [0xff, 0x54, 0x24, 8],  // call *0x8(%rsp)
      [0xff, 0x93, 1, 2, 0, 0],  // call *0x201(%rbx)
      [0xff, 0x94, 0x24, 1, 2, 0, 0],  // call *0x201(%rsp)
      [0x3e, 0xff, 0xd0],  // notrack call *%rax
    ]
    for call in calls { #expect(ends(call), "\(call)") }
  }

  @Test func otherInstructionsAreNone() {
    let others: [[UInt8]] = [
      [0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90], [0xe8, 0, 0, 0, 0x10],  // a target that is no code
      [0xff, 0xe0],  // jmp *%rax
      [0xff, 0x30],  // push (%rax)
      [0xff, 0xc0],  // inc %eax
      [0xff, 0x15, 1, 2, 3], [0xff, 0x14], [0xff, 0x55], [], [0xe8],
    ]
    for other in others { #expect(!ends(other), "\(other)") }
  }
}
