import Base
import Glibc
import Insights
import Media

// Shots as the built-in method finds them, and what that costs: see bench/analysers/shots.
//
//   shots-bench detect FILE [THREADS]       decodes every frame, prints the shots as JSON, then a line of frames and seconds
//   shots-bench describe FILE OUT           every frame's number, time and descriptor, 204 bytes each, little-endian
//   shots-bench replay DESCRIBED            the shots of what was described, as JSON
//   shots-bench merge ANSWERS DESCRIBED     the shots of a network's answers, all of one kind, then all of the other, as floats
//   shots-bench decode FILE [THREADS]       what decoding alone takes

let arguments = Array(CommandLine.arguments.dropFirst())

/// Decodes a film and hands over what is kept of each frame.
func frames(
  of path: String, threads: Int, _ body: (Int, Double, ShotDescriptor) throws(Fault) -> Void
) throws(Fault) -> Int {
  let reader = try MediaReader(path, threads: threads)
  let size = ShotDescriptor.rendition
  let target = Rect(x: 0, y: 0, width: Double(size.width), height: Double(size.height))
  var pixels = [UInt8](repeating: 0, count: size.area * 3)
  var count = 0
  while let frame = try reader.next() {
    let whole = Rect(x: 0, y: 0, width: Double(frame.size.width), height: Double(frame.size.height))
    var bytes = pixels.mutableSpan
    var span = unsafe bytes.mutableBytes
    try frame.render(into: &span, size: size, source: whole, target: target, order: .rgb, pad: 0)
    try body(frame.index, frame.time, ShotDescriptor(rgb: pixels.span))
    count += 1
  }
  return count
}

func told(_ shots: ShotList) {
  var json = JSONWriter(capacity: 4096)
  shots.write(into: &json)
  print(String(decoding: json.take(), as: UTF8.self))
}

func detect(_ path: String, threads: Int) throws(Fault) {
  let began = Clock.now
  var detector = ShotDetector()
  let count = try frames(of: path, threads: threads) { detector.add(index: $0, time: $1, $2) }
  told(detector.finish())
  cost(count, since: began)
}

func cost(_ frames: Int, since began: UInt64) {
  print("\(frames) frames, \(Double(Clock.now - began) / 1e9) s, \(ProcessFigures.now.cpuSeconds) s of CPU")
}

func describe(_ path: String, to out: String) throws(Fault) {
  var bytes: [UInt8] = []
  let count = try frames(of: path, threads: 0) { index, time, descriptor in
    withUnsafeBytes(of: Int32(index).littleEndian) { bytes += $0 }
    withUnsafeBytes(of: time.bitPattern.littleEndian) { bytes += $0 }
    bytes += descriptor.bytes
  }
  try FileSystem.write(bytes, to: out)
  print("\(count) frames")
}

/// Hands over what ``describe(_:to:)`` wrote.
func replayed(_ path: String, _ body: (Int, Double, ShotDescriptor) -> Void) throws(Fault) -> Int {
  let bytes = try FileSystem.read(path, limit: 1 << 31)
  let record = 12 + ShotDescriptor.byteCount
  for start in stride(from: 0, to: bytes.count - record + 1, by: record) {
    let time = UInt64(number(bytes, start + 4)) | UInt64(number(bytes, start + 8)) << 32
    let descriptor = ShotDescriptor(bytes: Array(bytes[start + 12..<start + record]))!
    body(Int(number(bytes, start)), Double(bitPattern: time), descriptor)
  }
  return bytes.count / record
}

func number(_ bytes: [UInt8], _ place: Int) -> UInt32 {
  (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) }
}

func replay(_ path: String) throws(Fault) {
  let began = Clock.now
  var detector = ShotDetector()
  let count = try replayed(path) { detector.add(index: $0, time: $1, $2) }
  told(detector.finish())
  cost(count, since: began)
}

func merge(_ answers: String, _ described: String) throws(Fault) {
  let bytes = try FileSystem.read(answers, limit: 1 << 31)
  let answer = { (place: Int) in Float(bitPattern: number(bytes, place * 4)) }
  var (merger, place) = (ShotMerger(), 0)
  _ = try replayed(described) { index, time, descriptor in
    guard place < bytes.count / 8 else { return }
    merger.add(index: index, time: time, single: answer(place), many: answer(bytes.count / 8 + place), descriptor)
    place += 1
  }
  told(merger.finish())
}

do throws(Fault) {
  switch (arguments.first, arguments.count) {
  case ("detect", 2...): try detect(arguments[1], threads: arguments.count > 2 ? Int(arguments[2])! : 0)
  case ("describe", 3): try describe(arguments[1], to: arguments[2])
  case ("replay", 2): try replay(arguments[1])
  case ("merge", 3): try merge(arguments[1], arguments[2])
  case ("decode", 2...):
    let began = Clock.now
    let reader = try MediaReader(arguments[1], threads: arguments.count > 2 ? Int(arguments[2])! : 0)
    var count = 0
    while try reader.next() != nil { count += 1 }
    cost(count, since: began)
  default:
    print(
      "shots-bench detect FILE [THREADS] | describe FILE OUT | replay DESCRIBED | merge ANSWERS DESCRIBED | decode FILE [THREADS]"
    )
    exit(2)
  }
} catch {
  print("shots-bench: \(error)")
  exit(1)
}
