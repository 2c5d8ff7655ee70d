# frozen_string_literal: true

module Petrichor
  # What one value from the wire may cost.
  #
  # size:: largest SIZE of the outermost value, bytes
  # depth:: dicts and lists inside each other; a scalar has depth 0, an empty list depth 1
  # elements:: values in all, keys not counted
  # keys:: keys of one dict
  # number:: characters of one integer or float, which cost more than linear time to convert
  Limits = Struct.new(:size, :depth, :elements, :keys, :number, keyword_init: true) do
    # The same with some of them changed.
    def with(**changes)
      self.class.new(**to_h, **changes).freeze
    end
  end

  # Of a body, and of a value that stands alone.
  BODY = Limits.new(size: 16 << 20, depth: 64, elements: 65_536, keys: 65_536, number: 4300).freeze
  # Of a header.
  HEADER = BODY.with(size: 64 << 10, depth: 16, keys: 256)

  # What one connection may cost. nil for a time: no limit.
  #
  # handshake_bytes:: largest header, and largest body, of a peer that `accept` waits for
  # handshake_seconds:: for the whole handshake of a server; `connect` has a time of its own
  # message_seconds:: for a message that has begun, unless `message_rate` bytes came each second since
  # idle_seconds:: until a message begins
  # write_seconds:: with bytes to send and a peer that takes none
  ConnectionLimits = Struct.new(
    :header, :body, :handshake_bytes, :handshake_seconds, :message_seconds, :message_rate, :idle_seconds,
    :write_seconds, keyword_init: true
  ) do
    def with(**changes)
      self.class.new(**to_h, **changes).freeze
    end
  end

  DEFAULT_LIMITS = ConnectionLimits.new(
    header: HEADER, body: BODY, handshake_bytes: 4096, handshake_seconds: 10, message_seconds: 30,
    message_rate: 1024, idle_seconds: nil, write_seconds: 30
  ).freeze

  # For connecting and the handshake together, as the protocol's first description has it.
  CONNECT_SECONDS = 20
end
