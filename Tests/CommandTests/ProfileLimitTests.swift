import Foundation
import TestKit
import Testing

/// Tasks under the profile `edge`, of 512 MiB, with files that try to have more.
struct ProfileLimitTests {
  let folder = TemporaryFolder()
  private static let memory = 512 << 20

  /// Files that are small, and ask for much.
  enum Trial: String, CaseIterable {
    /// 8000x8000 pixels of one colour, of 8 bytes each: 512 MB, from a file of half a megabyte.
    case picture = "wide.png"
    /// A film whose header says 8000x8000, over frames of 320x320.
    case claim = "claims.mkv"
    /// A film of 64x64 that goes on as one of 8000x8000, with more pictures kept than fit, of 96 MB each.
    case change = "changes.ts"
    /// 2900x2900, as much as is planned for, but of 6 bytes a pixel and with as many pictures kept.
    case references = "references.mp4"
    /// 600 streams of a small film.
    case streams = "streams.mkv"
  }

  private func make(_ trial: Trial) throws -> String {
    let file = folder.file(trial.rawValue)
    if trial == .picture {
      try #require(python(Self.png, "8000", "16", "6", "8", file).status == 0)
      return file
    }
    let many = "-c:v libx264 -preset ultrafast -refs 16 -threads 2"
    let script =
      switch trial {
      case .picture: ""
      case .claim:
        ffmpeg("-f lavfi -i testsrc2=s=320x320:d=0.2 -c:v ffv1 -pix_fmt gbrap16le", "$0.mkv")
          + " && python3 -c '\(Self.claim)' \"$0.mkv\" \"$0\""
      case .change:
        ffmpeg("-f lavfi -i testsrc2=s=64x64:r=5:d=2 -pix_fmt yuv420p \(many) -f mpegts", "$0.1") + " && "
          + ffmpeg("-f lavfi -i color=gray:s=8000x8000:r=5:d=2 -pix_fmt yuv420p \(many) -f mpegts", "$0.2")
          + " && cat \"$0.1\" \"$0.2\" > \"$0\""
      case .references: ffmpeg("-f lavfi -i color=gray:s=2900x2900:r=5:d=4 -pix_fmt yuv444p10le \(many)", "$0")
      case .streams:
        ffmpeg("-f lavfi -i testsrc2=s=64x64:d=0.2 -c:v libx264", "$0.mkv") + " && "
          + ffmpeg("-i \"$0.mkv\" $(for i in $(seq 600); do echo -map 0:v; done) -c copy", "$0")
      }
    let made = shell(["bash", "-c", script, file])
    try #require(made.status == 0, "\(made.errors)")
    return file
  }

  private func ffmpeg(_ words: String, _ target: String) -> String {
    "ffmpeg -v error -y \(words) \"\(target)\""
  }

  private func python(_ program: String, _ words: String...) -> ShellResult {
    shell(["python3", "-c", program] + words)
  }

  /// A PNG of one colour: side, bits, colour type, bytes of a pixel.
  private static let png = """
    import struct, sys, zlib
    side, bits, kind, width = map(int, sys.argv[1:5])
    def chunk(kind, data):
      return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    packer, row = zlib.compressobj(9), bytes(side * width + 1)
    data = b"".join([packer.compress(row) for _ in range(side)] + [packer.flush()])
    head = struct.pack(">IIBBBBB", side, side, bits, kind, 0, 0, 0)
    open(sys.argv[5], "wb").write(
      b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b""))
    """
  /// The width and height of a Matroska file, said to be 8000.
  private static let claim =
    "import sys; data = open(sys.argv[1], \"rb\").read(); "
    + "assert data.count(b\"\\xb0\\x82\\x01\\x40\") == data.count(b\"\\xba\\x82\\x01\\x40\") == 1; "
    + "open(sys.argv[2], \"wb\").write(data.replace(b\"\\xb0\\x82\\x01\\x40\", b\"\\xb0\\x82\\x1f\\x40\")"
    + ".replace(b\"\\xba\\x82\\x01\\x40\", b\"\\xba\\x82\\x1f\\x40\"))"

  private func ridley(_ words: [String]) -> ShellResult {
    Program.run(words + ["--library", folder.file("lib"), "--client", "acme"])
  }

  /// A job of one item under the profile, nothing of it done.
  private func started(_ file: String) throws -> String {
    let added = ridley(["library", "add", file])
    try #require(added.status == 0, "\(added.errors)")
    let pipeline = folder.file("p.yaml")
    try Data("infer: {model: line-inspector}\n".utf8).write(to: URL(filePath: pipeline))
    let job = ridley(["job", "start", "--pipeline", pipeline, "--external", "--profile", "edge", "--json"])
    return try #require(job.json["job"] as? String, "\(job.errors)")
  }

  @Test("A task never has more memory than its profile, and says why it cannot be done", arguments: Trial.allCases)
  func memory(_ trial: Trial) throws {
    let job = try started(try make(trial))
    let group = MemoryGroup(bytes: Self.memory)
    if group == nil { print("no memory cgroup can be made here: only the peak of each process is measured") }
    let run = try Measured(
      ["task", "run", "\(job)/0", "0", "--library", folder.file("lib"), "--client", "acme"], in: group, folder)
    #expect(run.peak < Self.memory, "\(run.peak >> 20) MiB")
    #expect(group.map { $0.kills == 0 } ?? true, "the system had to end it")
    let shown = ridley(["job", "show", job, "--failed"]).output
    #expect(run.status == 65, "\(run.status): \(run.errors)")
    #expect(run.errors.contains("the profile 'edge' has 512MiB"), "\(run.errors)")
    #expect(shown.contains("1 failed"), "\(shown)")
  }

  @Test("A picture of 30000x30000 pixels is refused where it would be added, within little memory")
  func giants() throws {
    let file = folder.file("giant.png")
    try #require(python(Self.png, "30000", "8", "0", "1", file).status == 0)
    let run = try Measured(["library", "add", file, "--library", folder.file("lib")], in: nil, folder)
    #expect(run.status == 4 && run.errors.contains("pixels"), "\(run.errors)")
    #expect(run.peak < 256 << 20, "\(run.peak >> 20) MiB")
  }
}

/// A group of processes whose memory the system limits, where this user may make one.
private final class MemoryGroup {
  private let path: String
  private let isNew: Bool

  init?(bytes: Int) {
    let (new, old) = ("/sys/fs/cgroup", "/sys/fs/cgroup/memory")
    isNew = (try? String(contentsOfFile: "\(new)/cgroup.controllers", encoding: .utf8))?.contains("memory") ?? false
    path = (isNew ? new : old) + "/ridley-test-\(UUID().uuidString)"
    guard mkdir(path, 0o755) == 0 else { return nil }
    let limits = isNew ? ["memory.max", "memory.swap.max"] : ["memory.limit_in_bytes"]
    guard Self.write("\(bytes)", to: "\(path)/\(limits[0])") else { return nil }
    for limit in limits.dropFirst() { _ = Self.write("0", to: "\(path)/\(limit)") }
  }

  deinit { rmdir(path) }

  var processes: String { "\(path)/cgroup.procs" }

  /// How many of its processes the system has ended for want of memory.
  var kills: Int {
    let text = try? String(contentsOfFile: path + (isNew ? "/memory.events" : "/memory.oom_control"), encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
    return line.flatMap { Int($0.dropFirst("oom_kill ".count)) } ?? -1
  }

  private static func write(_ text: String, to file: String) -> Bool {
    guard let handle = FileHandle(forWritingAtPath: file) else { return false }
    return (try? handle.write(contentsOf: Data(text.utf8))) != nil
  }
}

/// A run of the program, with the most memory that one of its processes had at a time.
private struct Measured {
  var status: Int32
  var peak: Int
  var errors: String

  init(_ words: [String], in group: MemoryGroup?, _ folder: TemporaryFolder) throws {
    let script = """
      import os, resource, sys
      if sys.argv[1]: open(sys.argv[1], "w").write(str(os.getpid()))
      child = os.fork()
      if child == 0: os.execv(sys.argv[2], sys.argv[2:])
      _, status, used = os.wait4(child, 0)
      print(used.ru_maxrss)
      sys.exit(os.waitstatus_to_exitcode(status))
      """
    let ran = shell(
      ["timeout", "300", "python3", "-c", script, group?.processes ?? "", Program.path] + words,
      environment: [
        "RIDLEY_HOME": folder.file("home"), "RIDLEY_CACHE": folder.file("cache"), "RIDLEY_MODELS": Program.models,
      ])
    (status, errors) = (ran.status, ran.errors)
    let words = ran.output.split(separator: "\n").last ?? ""
    peak = (Int(words) ?? .max >> 10) << 10
  }
}
