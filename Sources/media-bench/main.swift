import Base
import Glibc
import Isolation
import Media
import MediaProcess

// What a media process costs beside decoding in this one: see bench/media.
//
//   media-bench FILE EVERY ROUNDS [PROGRAM]   frames of a file at 224x224, both ways in turn; 0 is every frame
//   media-bench scale FILE ROUNDS             what scaling one frame costs, each way, to a few sizes
//   media-bench start PROGRAM ROUNDS          from nothing to the first answer, and what a process that waits takes

let arguments = Array(CommandLine.arguments.dropFirst())

struct Cost {
  var wall = 0.0
  var cpu = 0.0
  var frames = 0

  mutating func add(_ wall: Double, _ cpu: Double, _ frames: Int) {
    (self.wall, self.cpu, self.frames) = (self.wall + wall, self.cpu + cpu, self.frames + frames)
  }

  var text: String {
    let micros = { (value: Double) in "\((value / Double(max(1, frames)) * 1e7).rounded() / 10)" }
    return "\(micros(wall)) us wall, \(micros(cpu)) us CPU a frame"
  }
}

/// Seconds that another process used, in hundredths.
func cpuSeconds(of process: Int32) -> Double {
  let text = String(decoding: (try? FileSystem.read("/proc/\(process)/stat")) ?? [], as: UTF8.self)
  let words = text.split(separator: " ")
  guard words.count > 14, let user = Double(words[13]), let system = Double(words[14]) else { return 0 }
  return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
}

let network = Size(width: 224, height: 224)
let target = Rect(x: 0, y: 0, width: 224, height: 224)
func whole(_ size: Size) -> Rect { Rect(x: 0, y: 0, width: Double(size.width), height: Double(size.height)) }

func here(_ bytes: SharedBytes, _ sampling: Sampling) throws(Fault) -> Int {
  let file = try MemoryFile(bytes)
  let reader = try MediaReader(file.path, sampling: sampling)
  var frames = 0
  while let frame = try reader.next() {
    _ = try SharedBytes(count: network.area * 3) { (bytes) throws(Fault) in
      try frame.render(
        into: &bytes, size: network, source: whole(frame.size), target: target, order: .rgb, pad: 0)
    }
    frames += 1
  }
  return frames
}

func across(_ pool: MediaPool, _ bytes: SharedBytes, _ sampling: Sampling) throws(Fault) -> Int {
  let reader = try pool.open(bytes, sampling: sampling, deadline: Clock.now + 600_000_000_000)
  var frames = 0
  while let frame = try reader.next() {
    let buffer = try reader.makeBuffer(byteCount: network.area * 3)
    try frame.render(into: buffer, size: network, source: whole(frame.size), target: target, order: .rgb, pad: 0)
    _ = buffer.bytes
    frames += 1
  }
  return frames
}

func compare() throws(Fault) {
  let bytes = SharedBytes(try FileSystem.read(arguments[0], limit: 1 << 30))
  let step = Double(arguments[1])!
  let sampling: Sampling = step == 0 ? .all : .every(seconds: step)
  var options = MediaPool.Options(limit: 1)
  if arguments.count > 3 { options.program = arguments[3] }
  let pool = MediaPool(options)
  let id = try pool.open(bytes, deadline: Clock.now + 60_000_000_000).processID
  var (own, other) = (Cost(), Cost())
  for _ in 0..<Int(arguments[2])! {
    for isHere in [true, false] {
      let (began, cpu) = (Clock.now, ProcessFigures.now.cpuSeconds + cpuSeconds(of: id))
      let frames = isHere ? try here(bytes, sampling) : try across(pool, bytes, sampling)
      let (wall, used) = (Double(Clock.now - began) / 1e9, ProcessFigures.now.cpuSeconds + cpuSeconds(of: id) - cpu)
      if isHere { own.add(wall, used, frames) } else { other.add(wall, used, frames) }
    }
  }
  print("in process: \(own.text) (\(own.frames) frames)")
  print("across:     \(other.text)")
}

func start() throws(Fault) {
  let picture = try JPEG.encode(rgb: [UInt8](repeating: 90, count: 64 * 64 * 3), size: Size(width: 64, height: 64))
  var (times, cold) = ([Double](), Cost())
  for _ in 0..<Int(arguments[2])! {
    var options = MediaPool.Options(limit: 1)
    options.program = arguments[1]
    let began = Clock.now
    let pool = MediaPool(options)
    let made = Clock.now
    let reader = try pool.open(SharedBytes(picture), deadline: began + 60_000_000_000)
    times.append(Double(Clock.now - began) / 1e6)
    cold.add(Double(made - began) / 1e9, cpuSeconds(of: reader.processID), 1)
    guard times.count == Int(arguments[2])! else { continue }
    let id = reader.processID
    reader.close()
    usleep(500_000)
    let memory = String(decoding: try FileSystem.read("/proc/\(id)/smaps_rollup"), as: UTF8.self).split(separator: "\n")
    for line in memory where ["Rss", "Pss", "Private_Dirty"].contains(where: line.hasPrefix) { print(line) }
  }
  times.sort()
  print("start to first answer: median \(times[times.count / 2]) ms, least \(times[0]) ms")
  print("the caller that starts one waits and works: \(cold.text)")
}

/// The first frame of a file, by each interpolation; turns alternate, the least counts, since others may use the machine.
func scale() throws(Fault) {
  guard let frame = try MediaReader(arguments[1]).next() else { throw Fault(.badInput, "no frame in it") }
  for size in [Size(width: 48, height: 27), network, Size(width: 640, height: 640)] {
    var (bytes, times) = ([UInt8](repeating: 0, count: size.area * 3), [Interpolation: [UInt64]]())
    for _ in 0..<Int(arguments[2])! {
      for way in Interpolation.allCases {
        var pixels = bytes.mutableSpan
        var span = pixels.mutableBytes
        let began = Clock.now
        try frame.render(
          into: &span, size: size, source: whole(frame.size), target: whole(size), order: .rgb, pad: 0,
          interpolation: way)
        times[way, default: []].append(UInt64(Clock.now - began))
      }
    }
    let told = Interpolation.allCases.map { way in
      "\(way) \(times[way]!.min()! / 1000)"
    }
    print("\(frame.size) to \(size), us: " + told.joined(separator: ", "))
  }
}

do throws(Fault) {
  if arguments.first == "scale" {
    try scale()
  } else if arguments.first == "media-process" {
    try MediaService.run()
  } else if arguments.first == "start" {
    try start()
  } else {
    try compare()
  }
} catch {
  print("media-bench: \(error)")
  exit(1)
}
