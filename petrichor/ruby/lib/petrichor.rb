# frozen_string_literal: true

require_relative 'petrichor/version'
require_relative 'petrichor/errors'
require_relative 'petrichor/limits'
require_relative 'petrichor/tnetstrings'
require_relative 'petrichor/message_reader'
require_relative 'petrichor/connection'
require_relative 'petrichor/calls'

# Petrichor: sequences of paired TNetstrings as HEADER,BODY, over any IO.
module Petrichor
end
