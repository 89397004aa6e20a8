import Foundation

/// What a program printed and how it ended.
public struct ShellResult: Sendable {
  public var status: Int32
  public var output: String
  public var errors: String
}

/// Runs a program to its end; both outputs are read while it runs, so it never blocks on a full pipe.
public func shell(_ arguments: [String], in folder: String? = nil, environment: [String: String] = [:]) -> ShellResult {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = arguments
  if let folder { process.currentDirectoryURL = URL(filePath: folder) }
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  let scratch = TemporaryFolder()
  let (out, err) = (scratch.file("out"), scratch.file("err"))
  for path in [out, err] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
  process.standardOutput = FileHandle(forWritingAtPath: out)
  process.standardError = FileHandle(forWritingAtPath: err)
  process.standardInput = FileHandle.nullDevice
  do { try process.run() } catch { return ShellResult(status: -1, output: "", errors: "\(error)") }
  process.waitUntilExit()
  // A library that the program stands on may print what it could not read.
  let read = { (path: String) in String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self) }
  return ShellResult(status: process.terminationStatus, output: read(out), errors: read(err))
}

/// The same for what takes long and mostly waits: other tests run meanwhile.
public func shellAside(
  _ arguments: [String], in folder: String? = nil, environment: [String: String] = [:]
) async -> ShellResult {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread { continuation.resume(returning: shell(arguments, in: folder, environment: environment)) }
  }
}
