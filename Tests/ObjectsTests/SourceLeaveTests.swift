import Testing

@testable import Objects

struct SourceLeaveTests {
  @Test("From inside a source leads on inside; from outside it leads nowhere there, but to where it began")
  func ways() {
    var leave = SourceLeave(isGiven: true)
    #expect(leave.covers("http://a:80"))
    leave.note("http://a:80", isOutside: false)
    leave.note("http://b:80", isOutside: false)
    #expect(leave.covers("http://a:80") && leave.covers("http://c:80"))
    leave.note("http://d:80", isOutside: true)
    leave.note("http://a:80", isOutside: false)
    #expect(leave.covers("http://a:80") && !leave.covers("http://b:80") && !leave.covers("https://a:80"))
  }

  @Test("What begins outside has no leave from then on, and without one there is none")
  func outside() {
    var leave = SourceLeave(isGiven: true)
    leave.note("http://a:80", isOutside: true)
    leave.note("http://a:80", isOutside: false)
    #expect(!leave.covers("http://a:80") && !leave.covers("http://b:80"))
    #expect(!SourceLeave(isGiven: false).covers("http://a:80"))
  }
}
