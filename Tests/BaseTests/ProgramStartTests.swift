import Foundation
import Testing

@testable import Base

struct ProgramStartTests {
  @Test("The words of the command line and the program's own file are those that the system tells")
  func told() throws {
    #expect(ProgramStart.words.map { String(decoding: $0, as: UTF8.self) } == ProcessInfo.processInfo.arguments)
    let file = try #require(ProgramStart.file)
    #expect(file.hasPrefix("/") && FileSystem.kind(of: file) == .file)
    #expect(ProgramStart.itself == "/proc/self/exe")
  }
}
