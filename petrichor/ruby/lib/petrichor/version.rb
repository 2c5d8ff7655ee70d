# frozen_string_literal: true

module Petrichor
  VERSION = '0.1.0'
end
