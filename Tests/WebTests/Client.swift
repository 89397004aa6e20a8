import TestKit

typealias Client = PlainClient
typealias Answer = PlainAnswer
