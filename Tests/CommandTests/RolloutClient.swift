import Foundation
import TestKit

/// A client that asks again and again, and holds every answer against what is right.
final class RolloutClient {
  /// There for as long as somebody asks it.
  private let server: LibraryServer
  private let connection: PlainClient
  private var number = 0
  private(set) var answers: [String: Int] = [:]
  private(set) var wrong: [String: Int] = [:]
  private(set) var failed: [String] = []

  init(_ server: LibraryServer) throws {
    self.server = server
    connection = try PlainClient(Int(server.address.split(separator: ":").last ?? "") ?? 0, seconds: 30)
  }

  /// Each request is another one, so that each has a key of its own; all numbers stay small, so that one that is wrong by 1 is never within the
  /// tolerance, which is a share of the largest.
  func ask(_ count: Int = 1, version: String? = nil, key: String? = nil) throws {
    for _ in 0..<count {
      number += 1
      let x = [Double(number % 5), Double(number) / 32, 0, 1]
      let body =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[\(x.map { "\($0)" }.joined(separator: ","))]}]}"
      let path = version.map { "adder/versions/\($0)" } ?? "adder"
      connection.send(
        "POST /v2/models/\(path)/infer HTTP/1.1\r\nHost: localhost\r\n\(key.map { "Routing-Key: \($0)\r\n" } ?? "")Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
      )
      let answer = try connection.answer()
      let json = (try? JSONSerialization.jsonObject(with: Data(answer.body))) as? [String: Any] ?? [:]
      guard answer.status == 200, let version = json["model_version"] as? String else {
        failed.append(String(decoding: answer.body, as: UTF8.self))
        continue
      }
      answers[version, default: 0] += 1
      let y = ((json["outputs"] as? [[String: Any]])?.first?["data"] as? [Double]) ?? []
      if y != x.map({ $0 + 1 }) { wrong[version, default: 0] += 1 }
    }
  }
}
