import Base
import Glibc
import Vectors

// The exact search among many vectors: see bench/vectors.
//
//   vectors-bench ROWS QUERIES LENGTH TOP    both files are 32 bit floats, vector behind vector; prints seconds and the rows found of each query

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

func run(_ words: [String]) throws(Fault) {
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
