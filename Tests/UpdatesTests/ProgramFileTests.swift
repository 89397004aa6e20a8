import Base
import Crypto
import Foundation
import TestKit
import Testing
import Updates

@Suite struct ProgramFileTests {
  private let folder = TemporaryFolder()

  private func file(machine: UInt8 = 62, padding: Int = 0, _ text: String) throws -> String {
    let head: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9) + [2, 0, machine, 0]
    let path = folder.file("program")
    try Data(head + [UInt8](repeating: 0, count: padding) + Array(text.utf8)).write(to: URL(filePath: path))
    return path
  }

  @Test func `a program says what it is, also where its words lie across two blocks`() throws {
    for padding in [0, 1 << 20 - 20 - 12, 1 << 20 - 20 - 40] {
      let path = try file(
        machine: 183, padding: padding, "ridley-program version= schema=; ridley-program version=1.4.0-rc1 schema=9;")
      let program = try ProgramFile(path).program
      #expect(program.version == "1.4.0-rc1" && program.schema == 9 && program.architecture == "aarch64", "\(padding)")
      #expect(program.blob.sha256 == (try SHA256.hex(ofFile: path)))
      #expect(program.blob.byteCount == (try FileSystem.byteCount(of: path)))
    }
  }

  @Test(arguments: [
    "", "ridley-program version=1", "ridley-program version=1 schema=x;", "ridley-program version=../1 schema=1;",
  ])
  func `another file is none`(text: String) throws {
    #expect(throws: Fault.self) { try ProgramFile(try file(text)) }
    #expect(throws: Fault.self) { try ProgramFile(try file(machine: 3, "ridley-program version=1.4.0 schema=9;")) }
  }
}
