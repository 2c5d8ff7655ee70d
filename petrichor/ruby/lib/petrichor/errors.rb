# frozen_string_literal: true

module Petrichor
  # Anything that ends a connection. `code` is stable and meant to be tested; the text is for people.
  class Error < StandardError
    attr_reader :code

    def initialize(code, message)
      super(message)
      @code = code
    end
  end

  # Bytes that are no TNetstring, or a value that cannot be one. `offset` is that of the first wrong byte from the
  # beginning of the input; nil for values to be written.
  class TNetstringError < Error
    attr_reader :offset

    def initialize(code, message, offset = nil)
      super(code, offset.nil? ? message : "#{message} (at byte #{offset})")
      @offset = offset
    end
  end

  # The peer did not do in time what it had to.
  class PeerTimeout < Error
    WORDS = {
      'ERR_PETRICHOR_HANDSHAKE_TIMEOUT' => 'cannot finish the handshake: it is not done in time',
      'ERR_PETRICHOR_MESSAGE_TIMEOUT' => 'cannot read a message: it began and is not complete in time',
      'ERR_PETRICHOR_IDLE_TIMEOUT' => 'cannot read a message: none began in time',
      'ERR_PETRICHOR_PEER_NOT_READING' => 'cannot send: the peer took no byte in time'
    }.freeze

    def initialize(code)
      super(code, WORDS.fetch(code))
    end
  end
end
