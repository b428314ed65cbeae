import Testing
import VerificationReports

@Suite struct ReportFormatTests {
  @Test func `there are five formats`() { #expect(ReportFormat.allCases.count == 5) }
}
