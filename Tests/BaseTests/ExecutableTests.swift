import Foundation
import Testing

@testable import Base

struct ExecutableTests {
  @Test("the program's file and words are those that the system tells")
  func known() throws {
    let link = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    #expect(Executable.path == link && Executable.again == "/proc/self/exe")
    #expect(Executable.words.map { String(decoding: $0, as: UTF8.self) } == CommandLine.arguments)
  }

  @Test("what the program was started as is its file too")
  func started() {
    #expect(Executable.started == Executable.path)
  }
}
