import Base
import Glibc
import Vectors

// The exact search among many vectors: see bench/vectors.
//
//   vectors-bench ROWS QUERIES LENGTH TOP    both files are 32 bit floats, vector behind vector; prints seconds and the rows found of each query
//   vectors-bench clients FOLDER FILMS LENGTH COUNT…    a library in a new folder, by and by of so many clients

/// Vectors of one film: what a network says of a minute and a half, one frame a second.
let filmRows = 100

func floats(_ path: String) throws(Fault) -> [Float] {
  let bytes = try FileSystem.read(path, limit: 16 << 30)
  return unsafe bytes.withUnsafeBytes { unsafe Array($0.bindMemory(to: Float.self)) }
}

func films(_ numbers: [Float], length: Int) throws(Fault) -> [VectorSet] {
  var sets: [VectorSet] = []
  let count = numbers.count / length
  for start in stride(from: 0, to: count, by: filmRows) {
    var builder = VectorSetBuilder()
    for row in start..<min(count, start + filmRows) {
      builder.add(Array(numbers[row * length..<(row + 1) * length]), network: "n", time: Double(row - start))
    }
    sets.append(try VectorSet(builder.bytes()))
  }
  return sets
}

func runClients(_ words: [String]) throws(Fault) {
  let numbers = words.dropFirst(3).compactMap { Int($0) }
  guard numbers.count > 2, numbers.count == words.count - 3 else {
    throw Fault(.usage, "vectors-bench clients FOLDER FILMS LENGTH COUNT…")
  }
  var clients = try Clients(words[2], films: numbers[0], length: numbers[1])
  var there = 0
  for count in numbers.dropFirst(2) {
    while there < count {
      try clients.add("client-\(there)")
      there += 1
    }
    let seconds = try clients.measure("client-0", rounds: 101)
    let (middle, late) = (seconds[seconds.count / 2] * 1000, seconds[seconds.count * 99 / 100] * 1000)
    print(
      "\(count) clients of \(numbers[0]) films, \(numbers[0] * filmRows) vectors of \(numbers[1]) each: p50 \(NumberFormat.fixed(middle, 2)) ms, p99 \(NumberFormat.fixed(late, 2)) ms"
    )
  }
}

func run(_ words: [String]) throws(Fault) {
  if words.count > 1, words[1] == "clients" { return try runClients(words) }
  guard words.count == 5, let length = Int(words[3]), let top = Int(words[4]) else {
    throw Fault(.usage, "vectors-bench ROWS QUERIES LENGTH TOP")
  }
  let sets = try films(try floats(words[1]), length: length)
  let queries = try floats(words[2])
  for start in stride(from: 0, to: queries.count, by: length) {
    guard let query = UnitVector(Array(queries[start..<start + length])) else { continue }
    let began = Clock.now
    var search = NearestSearch(query, limit: top, gap: nil)
    for (number, set) in sets.enumerated() { search.look(at: set, set.groups[0], number: number) }
    let hits = search.hits
    let seconds = Double(Clock.now - began) / 1e9
    print("\(seconds) " + hits.map { "\($0.set * filmRows + $0.row)" }.joined(separator: ","))
  }
}

do throws(Fault) { try run(CommandLine.arguments) } catch {
  print(error.message)
  exit(1)
}
